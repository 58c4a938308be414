"""The process that the demonstration kills: it runs the workflows of `flights` until its input ends."""

import logging
import sys


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from .flights import app

    app.launch()
    # The demonstration holds the other end: once it is gone, however it went, so is this worker.
    sys.stdin.buffer.read()
    app.shutdown(timeout=1.0)


if __name__ == "__main__":
    main()
