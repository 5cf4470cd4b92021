"""Serve an ASGI application on a loopback port, in a thread, until it is stopped."""

import socket
import threading
from types import TracebackType
from typing import Any, Self

import uvicorn


class PortTaken(Exception):
    """Another program already listens on the port; the message names the port."""


class LoopbackServer:
    """One uvicorn server on 127.0.0.1: a context manager that is ready to serve when it is entered.

    Port 0 means any free port. The constructor binds the socket, so a port in use is noticed before
    anything starts.

    Raises:
        PortTaken: if the port is in use.
    """

    def __init__(self, app: Any, port: int = 0) -> None:
        # IPPROTO_TCP, not 0: with 0 asyncio does not set TCP_NODELAY, and answers on open connections wait 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
            # Listen now, not at start, so that a second server on the same port fails here.
            self._socket.listen(128)
        except OSError as error:
            self._socket.close()
            raise PortTaken(f"port {port} on 127.0.0.1 is in use") from error
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            # There is no proxy in front, so a client could write anything into X-Forwarded-For.
            proxy_headers=False,
            ws="none",
            # Seconds, so that a client with an open connection does not delay Ctrl-C.
            timeout_graceful_shutdown=1,
        )
        self._server = _ReadyServer(config, self._ready)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(timeout=15):
            raise RuntimeError(f"the server on port {self.port} did not start; its reason is in the log above")

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=15)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _ReadyServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready.set()
