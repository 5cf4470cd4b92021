"""Read what the function's process prints, line by line and in order."""

import asyncio
import os
from collections.abc import Callable

_CHUNK_BYTES = 64 * 1024
# More than a pipe holds, so one read gets everything that was printed before a result.
_MAX_CHUNKS_AT_ONCE = 32
_MAX_LINE_BYTES = 1024 * 1024


class Output:
    """The reading end of one pipe for stdout and stderr: on Lambda both go to one log."""

    def __init__(self, descriptor: int, tell: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._rest = b""
        self._is_open = True
        os.set_blocking(descriptor, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self.read)

    def read(self) -> None:
        """Pass on all complete lines that have arrived."""
        for _ in range(_MAX_CHUNKS_AT_ONCE):
            chunk = self._chunk()
            if not chunk:
                return
            *lines, self._rest = (self._rest + chunk).split(b"\n")
            for line in lines:
                self._tell(line.decode(errors="replace"))
            if len(self._rest) > _MAX_LINE_BYTES:
                self._tell_rest()

    def settle(self) -> None:
        """Pass on everything that has arrived, also an incomplete line: its invocation has ended."""
        self.read()
        self._tell_rest()

    def close(self) -> None:
        if self._is_open:
            self.settle()
            self._stop()

    def _chunk(self) -> bytes:
        if not self._is_open:
            return b""
        try:
            chunk = os.read(self._descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not chunk:
            self._stop()
        return chunk

    def _tell_rest(self) -> None:
        if self._rest:
            self._tell(self._rest.decode(errors="replace"))
            self._rest = b""

    def _stop(self) -> None:
        self._is_open = False
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
