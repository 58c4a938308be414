"""A proxy on the wire between a client and Postgres, that counts, interferes and cuts.

It speaks as much of the protocol as it takes to find where messages begin. A *request* is
everything a client sends up to and including a Sync or a simple Query: one round trip. A *reply*
ends with the server's ReadyForQuery. What belongs to the start of a session counts as neither.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urlsplit

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102

# Parse, Bind, Describe, Execute, Close: held back until the request that they belong to is whole, so
# that a request that is cut off before it was forwarded has reached the server in no part.
HELD = b"PBDEC"
REQUEST_ENDS = b"SQ"


class Link:
    """One client's connection through the proxy."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self._client = client
        self._server = server
        self._from_client = _Reader(client)
        self._from_server = _Reader(server)
        self.requests = 0
        self.replies = 0

    def cut(self) -> None:
        """Break the connection on both sides; what was not forwarded yet is lost."""
        for side in (self._client, self._server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


Hook = Callable[[Link], object]


class TcpProxy:
    """Forwards `proxy.url` to the server of `url`.

        with TcpProxy(database) as proxy:
            proxy.before_reply(3, Link.cut)     # the third answer from now on is lost on the way
            run_a_worker(proxy.url)
            assert proxy.requests == 3

    Requests and replies are counted over all connections. A hook runs once, in a thread of the
    proxy, and the message waits for it; what a hook raises cuts the link and is raised by `close`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._lock = threading.Lock()
        self._links: set[Link] = set()
        self._threads: list[threading.Thread] = []
        self._request_hooks: list[tuple[int, Hook]] = []
        self._reply_hooks: list[tuple[int, Hook]] = []
        self._errors: list[BaseException] = []
        self._requests = 0
        self._replies = 0
        self._refusing = False
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)

        credentials = parts.netloc.rpartition("@")[0]
        address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        query = dict(parse_qsl(parts.query)) | {"sslmode": "disable", "gssencmode": "disable"}
        self.url = parts._replace(
            netloc=f"{credentials}@{address}" if credentials else address, query=urlencode(query)
        ).geturl()
        self._spawn(self._accept)

    @property
    def requests(self) -> int:
        """Round trips that clients began since the start or the last `reset`."""
        return self._requests

    @property
    def replies(self) -> int:
        """Round trips that the server answered since then."""
        return self._replies

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        return len(self._links)

    def reset(self) -> None:
        """Count from zero again, and forget hooks that have not run."""
        with self._lock:
            self._requests = self._replies = 0
            self._request_hooks.clear()
            self._reply_hooks.clear()

    def before_request(self, k: int, hook: Hook) -> None:
        """Run `hook` before the k-th request from now on (1 is the next) reaches the server."""
        with self._lock:
            self._request_hooks.append((self._requests + k, hook))

    def before_reply(self, k: int, hook: Hook) -> None:
        """Run `hook` when the server has done the k-th request from now on, before the client knows."""
        with self._lock:
            self._reply_hooks.append((self._replies + k, hook))

    def cut(self) -> None:
        """Break every connection that is open now."""
        for link in tuple(self._links):
            link.cut()

    def refuse(self) -> None:
        """Break every connection and accept none, as if the server were gone."""
        self._refusing = True
        self.cut()

    def accept(self) -> None:
        """Accept connections again."""
        self._refusing = False

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            # A shutdown wakes the thread that waits in accept() on Linux; a close alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in tuple(self._threads):
            thread.join(10)
        if self._errors:
            raise self._errors[0]

    def __enter__(self) -> "TcpProxy":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # The threads: one accepts, and each link has one for either direction.

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name=f"proxy-{os.getpid()}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refusing:
                client.close()
            else:
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, EOFError), socket.create_connection(self._target) as server:
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = Link(client, server)
            self._links.add(link)
            try:
                if self._closed or self._refusing:
                    return
                server.sendall(link._from_client.startup())
                downstream = threading.Thread(target=self._pump, args=(link, self._downstream), daemon=True)
                downstream.start()
                self._pump(link, self._upstream)
                downstream.join()
            finally:
                self._links.discard(link)

    def _pump(self, link: Link, direction: Callable[[Link], None]) -> None:
        """Forward one direction until it ends, and end the other with it."""
        try:
            direction(link)
        except (OSError, EOFError):
            pass
        except BaseException as error:
            self._errors.append(error)
        finally:
            link.cut()

    def _upstream(self, link: Link) -> None:
        reader = link._from_client
        held: list[bytes] = []
        while True:
            kind, message = reader.message()
            held.append(message)
            if kind in HELD:
                continue
            if kind in REQUEST_ENDS:
                link.requests += 1
                with self._lock:
                    self._requests += 1
                    hooks = _due(self._request_hooks, self._requests)
                for hook in hooks:
                    hook(link)
            link._server.sendall(b"".join(held))
            held.clear()

    def _downstream(self, link: Link) -> None:
        reader = link._from_server
        started = False
        ready: list[bytes] = []
        while True:
            kind, message = reader.message()
            if kind == b"Z" and not started:
                started = True
            elif kind == b"Z":
                link.replies += 1
                with self._lock:
                    self._replies += 1
                    hooks = _due(self._reply_hooks, self._replies)
                for hook in hooks:
                    hook(link)
            ready.append(message)
            if kind == b"Z" or not reader.buffered:
                link._client.sendall(b"".join(ready))
                ready.clear()


def _due(hooks: list[tuple[int, Hook]], count: int) -> list[Hook]:
    """Take the hooks for this count out of the list."""
    due = [hook for at, hook in hooks if at == count]
    hooks[:] = [(at, hook) for at, hook in hooks if at != count]
    return due


class _Reader:
    """Splits a stream of bytes into the protocol's messages."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._buffer = bytearray()

    @property
    def buffered(self) -> bool:
        return bool(self._buffer)

    def startup(self) -> bytes:
        """The first message of a client, which has no type. Encryption is declined on the way."""
        while True:
            (length,) = struct.unpack("!I", self._peek(4))
            message = self._take(length)
            (code,) = struct.unpack_from("!I", message, 4)
            if code not in (SSL_REQUEST, GSSENC_REQUEST):
                return message
            self._stream.sendall(b"N")

    def message(self) -> tuple[bytes, bytes]:
        """The next message: its type, and the whole of it."""
        (length,) = struct.unpack_from("!I", self._peek(5), 1)
        message = self._take(1 + length)
        return message[:1], message

    def _peek(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = self._stream.recv(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        return bytes(self._buffer[:size])

    def _take(self, size: int) -> bytes:
        taken = self._peek(size)
        del self._buffer[:size]
        return taken
