"""Resources that say more of themselves than they must, and one of several parts."""

from datetime import UTC, datetime

from app.authoring import Annotations, Embedded, Icon, resource

CHANGED = datetime(2026, 11, 23, tzinfo=UTC)
PNG = "data:image/png;base64,iVBORw0KGgo="


@resource(
    "report://described",
    mime_type="text/csv",
    icons=[PNG],
    annotations=Annotations(audience="user", priority=0.3, last_modified=CHANGED),
    meta={"example.com/origin": "test"},
)
async def described() -> str:
    """Says all there is to say."""
    return "a,b"


@resource(
    "report://described/{number}",
    icons=[Icon(PNG, sizes=["48x48"])],
    annotations=Annotations(audience=["assistant"]),
    meta={"example.com/origin": "test"},
)
async def described_template(number: int) -> bytes:
    """The same of a template."""
    return bytes([number])


@resource("report://parts")
async def parts() -> list[Embedded]:
    """Two parts."""
    return [Embedded("report://parts/1", "one", meta={"example.com/n": 1}), Embedded("report://parts/2", b"\xff")]


@resource("report://part")
async def part() -> Embedded:
    """One part, with a URI of its own."""
    return Embedded("report://parts/1", "{}", "application/json")


@resource("report://empty")
async def empty() -> list[Embedded]:
    """None at all, which is a list as any other."""
    return []
