"""Two calls with a token, as a client makes them, and what is expected of their answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.operator import rpc
from infra.operator.access_token.decoded import decode
from infra.operator.finding import Finding, failed, passed
from infra.operator.report import printable
from infra.operator.web import Answer, Reply, Web

_PUT_BACK = (
    "smoke asks whoami who the caller is: put app/tools/whoami.py back (git checkout -- app/tools/whoami.py) and "
    "deploy; if it is there, its requires= hides it from the caller of this token"
)


@dataclass(frozen=True, slots=True)
class Listing:
    finding: Finding
    has_whoami: bool | None
    """None where no list arrived."""


async def list_tools(web: Web, url: str, token: str) -> Listing:
    """That the catalogue arrives, and holds the tool that smoke calls."""
    name = "tools/list"
    reply = await rpc.post(web, url, token=token)
    result, seen = _result(reply)
    tools = [str(each.get("name")) for each in _objects((result or {}).get("tools"))]
    if result is None:
        return Listing(failed(name, f"expected a list with whoami, saw {seen}", _fix_of(reply)), None)
    if "whoami" in tools:
        return Listing(passed(name, f"{len(tools)} tools, whoami among them"), True)
    listed = printable(", ".join(tools)) or "none"
    return Listing(failed(name, f"expected a list with whoami, saw tools without it: {listed}", _PUT_BACK), False)


async def call_whoami(web: Web, url: str, token: str) -> Finding:
    """That the server sees the caller whom the token names."""
    name = "whoami"
    params: Mapping[str, object] = {"name": "whoami", "arguments": {}}
    reply = await rpc.post(web, url, "tools/call", params, token)
    result, seen = _result(reply)
    caller = (result or {}).get("structuredContent")
    if not isinstance(caller, dict) or (result or {}).get("isError"):
        return failed(name, f"expected the caller, saw {seen}", _fix_of(reply))
    decoded = decode(token)
    claims = (decoded.claims if decoded else None) or {}
    expected = {"user_id": claims.get("sub"), "client_id": claims.get("client_id")}
    answered = {each: caller.get(each) for each in expected}
    if answered != expected:
        return failed(
            name,
            f"expected {expected}, saw {printable(str(answered))}",
            "one caller is shown another's data: stop it",
        )
    organization = printable(str(caller.get("organization_id") or "no organisation"))
    return passed(name, f"{printable(str(caller['user_id']))}, {organization}")


def _result(reply: Reply) -> tuple[dict[str, object] | None, str]:
    """The JSON-RPC result, and what to say where there is none."""
    if not isinstance(reply, Answer):
        return None, reply.why
    document = reply.document() or {}
    result = document.get("result")
    seen = f"HTTP {reply.status}: {printable(reply.body.decode(errors='replace'), 120) or 'an empty body'}"
    return (result if reply.status == 200 and isinstance(result, dict) else None), seen


def _fix_of(reply: Reply) -> str:
    if not isinstance(reply, Answer):
        return reply.fix
    if reply.status == 429:
        return "too many requests at once: wait a minute, or raise ThrottleRate and ThrottleBurst"
    return "read the function's log group at this minute"


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
