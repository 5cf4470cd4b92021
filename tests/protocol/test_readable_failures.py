"""Which protocol errors of a tool a caller may read, and a list whose entry no version can show."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import MISSING_REQUIRED_CLIENT_CAPABILITY
from pydantic import BaseModel

from app.protocol.serving.failures import find_readable
from app.protocol.serving.guard import Visibility
from app.protocol.serving.lists import Listing

CODE = MISSING_REQUIRED_CLIENT_CAPABILITY


def readable(code: int, data: Any, *, resolves: bool = True) -> MCPError | None:
    tool: Any = SimpleNamespace(resolved_params={"answer": object()} if resolves else {})
    return find_readable(MCPError(code, "another server's text", data), "tool", tool)


@pytest.mark.parametrize("required", [{"roots": {}}, {"sampling": {"tools": {}}}, {"elicitation": {"form": {}}}])
def test_what_a_resolver_needs_of_the_client_is_said_in_our_words(required: dict[str, Any]) -> None:
    error = readable(CODE, {"requiredCapabilities": required})

    assert error is not None
    assert "another server" not in error.error.message
    assert error.error.data == {"requiredCapabilities": required}


@pytest.mark.parametrize(
    ("code", "data", "resolves"),
    [
        (CODE, {"requiredCapabilities": {"sk_secret": {}}}, True),
        (CODE, {}, True),
        (CODE, "text", True),
        (CODE, {"requiredCapabilities": {"roots": {}}}, False),
        (-32603, {"requiredCapabilities": {"roots": {}}}, True),
    ],
)
def test_any_other_text_stays_in_the_log(code: int, data: Any, resolves: bool) -> None:
    assert readable(code, data, resolves=resolves) is None


class Nameless(BaseModel):
    name: str = "nameless"


def test_an_entry_that_a_version_cannot_show_goes_to_the_sdk_unchanged() -> None:
    class Everybody:
        async def find_visible(self, accesses: Any) -> Visibility:
            return Visibility((True,) * len(accesses), 0)

    guard: Any = Everybody()
    definition: Any = SimpleNamespace(metadata=SimpleNamespace(access=object()))
    context: Any = SimpleNamespace(protocol_version="2025-11-25")
    listing = Listing("tools/list", "tools", [(definition, Nameless())], guard)

    page = asyncio.run(listing(context, SimpleNamespace(cursor=None)))  # type: ignore[arg-type]

    assert page["tools"] == [{"name": "nameless"}]
