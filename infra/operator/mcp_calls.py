"""Make two MCP calls with a token, as a client does, and check their answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.operator import rpc
from infra.operator.access_token.decoded import decode
from infra.operator.finding import Finding, failed, passed
from infra.operator.report import printable
from infra.operator.web import Answer, Reply, Web

_RESTORE_WHOAMI = (
    "smoke asks whoami who the caller is: put app/tools/whoami.py back (git checkout -- app/tools/whoami.py) and "
    "deploy; if it is there, its requires= hides it from the caller of this token"
)


@dataclass(frozen=True, slots=True)
class Listing:
    finding: Finding
    has_whoami: bool | None
    """None if no list arrived."""


async def list_tools(web: Web, url: str, token: str) -> Listing:
    """Check that the list of tools arrives and has the tool that smoke calls."""
    name = "tools/list"
    reply = await rpc.post(web, url, token=token)
    result, seen = _result(reply)
    tools = [str(each.get("name")) for each in _objects((result or {}).get("tools"))]
    if result is None:
        return Listing(failed(name, f"expected a list with whoami, saw {seen}", _choose_fix(reply)), None)
    if "whoami" in tools:
        return Listing(passed(name, f"{len(tools)} tools, whoami among them"), True)
    listed = printable(", ".join(tools)) or "none"
    return Listing(
        failed(name, f"expected a list with whoami, saw tools without it: {listed}", _RESTORE_WHOAMI), False
    )


async def call_whoami(web: Web, url: str, token: str) -> Finding:
    """Check that the server sees the caller whom the token names."""
    name = "whoami"
    params: Mapping[str, object] = {"name": "whoami", "arguments": {}}
    reply = await rpc.post(web, url, "tools/call", params, token)
    result, seen = _result(reply)
    caller = (result or {}).get("structuredContent")
    if not isinstance(caller, dict) or (result or {}).get("isError"):
        return failed(name, f"expected the caller, saw {seen}", _choose_fix(reply))
    decoded = decode(token)
    claims = (decoded.claims if decoded else None) or {}
    expected = {"user_id": claims.get("sub"), "client_id": claims.get("client_id")}
    returned = {each: caller.get(each) for each in expected}
    if returned != expected:
        return failed(
            name,
            f"expected {expected}, saw {printable(str(returned))}",
            "callers see each other's data: stop the server",
        )
    organization = printable(str(caller.get("organization_id") or "no organisation"))
    return passed(name, f"{printable(str(caller['user_id']))}, {organization}")


def _result(reply: Reply) -> tuple[dict[str, object] | None, str]:
    """The JSON-RPC result, or None, and a description of the answer."""
    if not isinstance(reply, Answer):
        return None, reply.why
    document = reply.document() or {}
    result = document.get("result")
    seen = f"HTTP {reply.status}: {printable(reply.body.decode(errors='replace'), 120) or 'an empty body'}"
    return (result if reply.status == 200 and isinstance(result, dict) else None), seen


def _choose_fix(reply: Reply) -> str:
    if not isinstance(reply, Answer):
        return reply.fix
    if reply.status == 429:
        return "too many requests at once: wait a minute, or raise ThrottleRate and ThrottleBurst"
    return "read the function's log group at this minute"


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
