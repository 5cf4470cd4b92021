"""A screen of 80 columns whose output a test reads, and a user who types prepared lines."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.terminal.screen import OpenBrowser, Screen


@dataclass
class User:
    """Types the lines one after the other; then Ctrl-D."""

    lines: Sequence[str]
    questions: list[str] = field(default_factory=list)

    async def __call__(self, question: str) -> str:
        self.questions.append(question)
        if len(self.questions) > len(self.lines):
            raise EOFError
        return self.lines[len(self.questions) - 1]


@dataclass
class Seen:
    """A screen and what was written on it."""

    screen: Screen
    out_stream: io.StringIO
    err_stream: io.StringIO

    @property
    def out(self) -> str:
        return self.out_stream.getvalue()

    @property
    def err(self) -> str:
        return self.err_stream.getvalue()


def make_screen(
    user: User | None = None, open_browser: OpenBrowser | None = None, *, has_colour: bool = False
) -> Seen:
    out, err = io.StringIO(), io.StringIO()
    screen = Screen(out, err, has_colour=has_colour, read_line=user, open_browser=open_browser)
    return Seen(screen, out, err)
