"""A check comes before anything of a call: the SDK's own Resolve parameters would come before it."""

import pytest

from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write
from tests.rig import Rig

TOOL = """
from typing import Annotated
from mcp.server.mcpserver import Resolve
from app.authoring import check
from app.authoring import tool

async def nobody() -> bool:
    return False

def secret() -> str:
    return "secret"

@tool(requires=check(nobody, needs="luck"))
async def reveal(what: Annotated[str, Resolve(secret)]) -> str:
    'Reveal it.'
    return what
"""


def test_a_tool_with_both_stops_the_start(write: Write) -> None:
    with pytest.raises(
        CatalogueError, match=r"reveal\.py: tool reveal has a check and a Resolve parameter; take Cur"
    ):
        Rig(tools=write(reveal=TOOL))
