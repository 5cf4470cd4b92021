"""logging/setLevel: that it is there declares that calls may log to their client."""

from collections.abc import Iterable
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp_types import EmptyResult, SetLevelRequestParams

from app.authoring.call import get_call
from app.protocol.catalogue.definition import Definition
from app.protocol.catalogue.injection import InjectionPlan


def may_log(offered: Iterable[Definition[Any]]) -> bool:
    """Whether a function among them takes the call, itself or through a dependency."""
    return any(InjectionPlan.for_function(each.function).needs(get_call) for each in offered)


async def accept_level(context: ServerRequestContext[Any], params: SetLevelRequestParams) -> EmptyResult:
    """Accepted, and not kept: without a session there is nobody to keep it for. See `Era.log_level`.

    An error here would make clients of that era give up what they can have. 2026-07-28 has no such method.
    """
    return EmptyResult()
