"""A terminal for programs that want one: what they print can be waited for, and keys can be typed."""

import fcntl
import itertools
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROWS, COLUMNS = 50, 200
CONTROL = re.compile(r"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][AB0]|[\r\x00]")
"""Colours, movements of the cursor, titles."""


class Terminal:
    """One program in a pseudo-terminal of its own. It is killed at the end, with all that it started."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._printed = ""
        self._more = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """All that it has printed, without the control sequences."""
        with self._more:
            return CONTROL.sub("", self._printed)

    def wait_for(self, text: str, seconds: float) -> None:
        """Wait until the text has been printed since the last keys.

        Raises:
            AssertionError: if the program ends without it, or takes longer.
        """
        with self._more:
            self._more.wait_for(lambda: text in CONTROL.sub("", self._printed) or self._is_over, seconds)
        assert text in self.text, f"no {text!r} in:\n{self.text}"

    def press(self, keys: str) -> None:
        with self._more:
            self._printed = ""
        os.write(self._ours, keys.encode())

    def press_until(self, text: str, seconds: float, *keys: str) -> None:
        """Press the keys one after the other, a second apart, again and again until the text has been printed.

        For programs that lose keys while they start, or take keys that follow at once for pasted text.
        """
        end = time.monotonic() + seconds
        with self._more:
            self._printed = ""
        for key in itertools.cycle(keys):
            os.write(self._ours, key.encode())
            with self._more:
                if self._more.wait_for(lambda: text in CONTROL.sub("", self._printed), 1.0):
                    return
            assert time.monotonic() < end, f"no {text!r} in:\n{self.text}"

    def finish(self, seconds: float) -> int:
        """Wait until the program ends; its exit status."""
        with self._more:
            self._more.wait_for(lambda: self._is_over, seconds)
        return self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._reader.join(10)
        os.close(self._ours)

    def _read(self) -> None:
        while chunk := self._chunk():
            with self._more:
                self._printed += chunk.decode(errors="replace")
                self._more.notify_all()
        with self._more:
            self._is_over = True
            self._more.notify_all()

    def _chunk(self) -> bytes:
        try:
            return os.read(self._ours, 65536)
        except OSError:  # the terminal's other end is closed
            return b""
