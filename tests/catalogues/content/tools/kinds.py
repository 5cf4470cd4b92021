"""A tool for every kind of content."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from pydantic import BaseModel

from app.authoring import Audio, Content, Embedded, Icon, Image, Link, Result, Text, tool

PNG = b"\x89PNG\r\n\x1a\n and more"


class Report(BaseModel):
    day: date
    share: float


REPORT = Report(day=date(2026, 11, 23), share=0.5)


@tool()
async def text() -> Text:
    """Text."""
    changed = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    return Text(
        "Hello", audience=["user", "assistant"], priority=1, last_modified=changed, meta={"example.com/a": 1}
    )


@tool()
async def image() -> Image:
    """An image."""
    return Image(PNG, audience="user")


@tool()
async def audio() -> Audio:
    """Sound."""
    return Audio("AAAA", "audio/aac")


@tool()
async def embedded() -> list[Embedded]:
    """Two resources."""
    changed = datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=1)))
    return [Embedded("report://1", "a,b", "text/csv"), Embedded("report://2", b"\x00\xff", last_modified=changed)]


@tool()
async def link() -> Link:
    """A link."""
    icon = Icon("https://example.com/i.svg", "image/svg+xml", sizes=["any"], theme="dark")
    return Link(
        "report://3",
        "third",
        title="The third",
        description="A report",
        mime_type="text/csv",
        size=12,
        icons=["https://example.com/i.png", icon],
        priority=0.5,
    )


@tool()
def mixed() -> Sequence[str | Content | Report]:
    """Text, an image, a model, and a tuple of more."""
    more: Any = (Image(PNG), "b")
    return ["a", Image(PNG), REPORT, more]


@tool()
async def perhaps(shown: bool) -> Image | str | None:
    """An image, or text, or nothing."""
    return Image(PNG) if shown else None


@tool()
async def both() -> Result[Report]:
    """Data and content of the author's choice."""
    return Result(REPORT, ["Half of it.", Image(PNG)], meta={"example.com/view": "half"})


@tool()
async def data_alone() -> Result[list[Report]]:
    """Data without content of its own."""
    return Result([REPORT])


@tool()
async def content_alone() -> Result[None]:
    """Content with metadata."""
    return Result(None, "Only this.", meta={"example.com/view": 1})


@tool()
async def undeclared(kind: str) -> list[Report]:
    """What the return type does not say."""
    returned: Any = {"image": Image(PNG), "images": [Image(PNG)], "result": Result(REPORT)}[kind]
    found: list[Report] = returned
    return found


@tool()
async def unsaid(kind: str):  # type: ignore[no-untyped-def] # what many authors write
    """No return type at all."""
    return {"image": [Image(PNG)], "data": {"a": 1}, "result": Result(REPORT)}[kind]


@tool()
async def odd() -> Content:
    """Content of no kind."""
    return Content()


@tool()
async def wrong_data(data: str) -> Image:
    """Whatever data the caller gives."""
    return Image(data, "image/png")


@tool()
async def large(kind: str) -> Content:
    """More than can be sent."""
    return Image(b"x" * 5_000_000, "image/png") if kind == "image" else Embedded("x://y", "x" * 5_000_000)
