"""The process that the demonstration kills: it runs the workflows of `flights` until its input ends."""

import logging
import os
import sys
import threading


def main() -> None:
    launched = threading.Event()
    ended = threading.Event()

    def follow() -> None:
        # The demonstration holds the other end: once it is gone, however it went, so is this worker.
        sys.stdin.buffer.read()
        ended.set()
        if not launched.is_set():
            # Its Postgres may be gone, too; nobody waits for a launch that waits for it.
            os._exit(0)

    threading.Thread(target=follow, daemon=True).start()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from .flights import app

    app.launch()
    launched.set()
    ended.wait()
    app.shutdown(timeout=1.0)


if __name__ == "__main__":
    main()
