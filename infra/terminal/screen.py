"""What a command writes on and asks at: results on standard output, all else on standard error."""

import asyncio
import os
import shutil
import sys
import textwrap
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TextIO

from infra.operator.report import printable

MAX_LINE_COLUMNS = 100
COLUMNS_WITHOUT_TERMINAL = 80
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
ReadLine = Callable[[str], Awaitable[str]]
OpenBrowser = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Screen:
    out: TextIO
    err: TextIO
    columns: int = COLUMNS_WITHOUT_TERMINAL
    has_colour: bool = False
    read_line: ReadLine | None = None
    """Show a question and return what the user types; None if there is no terminal. Raises EOFError at Ctrl-D."""
    open_browser: OpenBrowser | None = None
    """Open an address with $BROWSER or the desktop's browser; None if there is none."""

    @classmethod
    def of_process(cls, environment: Mapping[str, str]) -> "Screen":
        for stream in (sys.stdout, sys.stderr):
            # A terminal without UTF-8 shows a question mark for what it cannot show.
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="replace")
        is_terminal = sys.stdout.isatty()
        columns = shutil.get_terminal_size().columns if is_terminal else COLUMNS_WITHOUT_TERMINAL
        can_ask = sys.stdin.isatty() and sys.stderr.isatty()
        return cls(
            sys.stdout,
            sys.stderr,
            min(columns, MAX_LINE_COLUMNS),
            is_terminal and not environment.get("NO_COLOR"),
            read_line_from_stdin if can_ask else None,
            webbrowser.open if has_display(environment) else None,
        )

    def show(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)

    def note(self, text: str) -> None:
        print(text, file=self.err, flush=True)

    def bold(self, text: str) -> str:
        return f"{_BOLD}{text}{_PLAIN}" if self.has_colour else text

    def dim(self, text: str) -> str:
        return f"{_DIM}{text}{_PLAIN}" if self.has_colour else text

    def wrap(self, text: str, indent: int, hanging: int = 0) -> list[str]:
        """Break text of the server into lines of this screen, made safe for a terminal."""
        first, others = " " * indent, " " * (indent + hanging)
        line = printable(" ".join(text.split()), limit=2000)
        return textwrap.wrap(line, self.columns, initial_indent=first, subsequent_indent=others)


async def read_line_from_stdin(question: str) -> str:
    """Ask on standard error, because standard output belongs to the result.

    The event loop waits for the line, not input(), which Ctrl-C could not interrupt below asyncio.run.
    """
    print(question, end="", file=sys.stderr, flush=True)
    loop = asyncio.get_running_loop()
    is_readable = asyncio.Event()
    loop.add_reader(sys.stdin, is_readable.set)
    try:
        # A terminal gives a line once it is complete.
        await is_readable.wait()
    finally:
        loop.remove_reader(sys.stdin)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def make_safe(text: str) -> str:
    """Take control characters out of a server's text, so that it cannot steer the terminal."""
    return "".join(each if each.isprintable() or each in "\n\t" else " " for each in text)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a browser with a window can be opened. Without one, webbrowser would start one in the terminal."""
    named = any(environment.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
    return named or sys.platform == "darwin" or os.name == "nt"
