"""Resources of every kind of content."""

from datetime import date

from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from pydantic import BaseModel

from app.authoring import CurrentSession, resource


class Report(BaseModel):
    name: str
    day: date
    share: float


@resource("report://plain")
async def plain() -> str:
    """Plain text."""
    return "text"


@resource("report://sync", mime_type="text/csv", title="In a thread", max_age=60)
def sync() -> str:
    """A plain function."""
    return "a,b"


@resource("report://bytes")
async def binary() -> bytes:
    """Bytes."""
    return b"\x00\xff"


@resource("report://image", mime_type="image/png")
async def image() -> bytes:
    """An image."""
    return b"png"


@resource("report://model")
async def model() -> Report:
    """A model."""
    return Report(name="n", day=date(2026, 11, 23), share=float("nan"))


@resource("report://dict")
async def dictionary(session: CurrentSession) -> dict[str, list[str]]:
    """A dict."""
    return {"of": [session.user_id]}


@resource("report://nothing")
async def nothing() -> None:
    """A mistake."""


@resource("report://object")
async def unshowable() -> object:
    """What no JSON can say."""
    return object()


@resource("report://asks")
async def asks(context: Context) -> str | InputRequiredResult:
    """Ask first."""
    if context.request_state is not None:
        return f"resumed {context.request_state}"
    schema = {"type": "object", "properties": {"sure": {"type": "boolean"}}}
    question = ElicitRequest(params=ElicitRequestFormParams(message="Sure?", requested_schema=schema))
    return InputRequiredResult(input_requests={"sure": question}, request_state="state of round one")
