"""What a tool may see of the HTTP request and the MCP request that it answers, read when it asks."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from fastapi import Request

from app.audit.arguments import make_printable
from app.authoring.request import MAX_CLIENT_CHARACTERS, CallerRequest, is_credential
from app.protocol.wire.post import Post


def describe_request(request: Request, post: Post) -> CallerRequest:
    """The request without credentials. What the client says about itself is cut and made printable."""
    info, headers = post.client.info, _read_headers(request)
    name, version = (info.get("name"), info.get("version")) if isinstance(info, Mapping) else (None, None)
    rpc_id = post.request.id
    return CallerRequest(
        client_name=_bound(name),
        client_version=_bound(version),
        protocol_version=post.client.protocol_version,
        rpc_id=make_printable(rpc_id, MAX_CLIENT_CHARACTERS) if isinstance(rpc_id, str) else rpc_id,
        request_id=getattr(request.scope.get("aws.context"), "aws_request_id", None),
        client_ip=find_client_ip(request.scope),
        user_agent=_bound(headers.get("user-agent")),
        headers=headers,
    )


def find_client_ip(scope: Mapping[str, Any]) -> str | None:
    """The address that AWS saw; outside of Lambda that of the connection."""
    context = (scope.get("aws.event") or {}).get("requestContext")
    if context is None:
        return _read_address((scope.get("client") or ("",))[0])
    if "elb" in context:
        # The load balancer adds the address that it saw at the end (its mode "append", which is the default).
        return _read_address(_read_last(scope, b"x-forwarded-for"))
    return _read_address((context.get("http") or context.get("identity") or {}).get("sourceIp"))


def _read_last(scope: Mapping[str, Any], name: bytes) -> str:
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    last = ",".join(values).rpartition(",")[2].strip()
    # With routing.http.xff_client_port.enabled it says 192.0.2.1:50000 or [2001:db8::1]:50000.
    if last.startswith("["):
        return last[1:].partition("]")[0]
    return last.partition(":")[0] if last.count(":") == 1 else last


def _read_address(text: Any) -> str | None:
    try:
        return str(ip_address(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _read_headers(request: Request) -> dict[str, str]:
    names = dict.fromkeys(request.headers.keys())
    return {name: ", ".join(request.headers.getlist(name)) for name in names if not is_credential(name)}


def _bound(text: Any) -> str | None:
    return make_printable(text, MAX_CLIENT_CHARACTERS) if isinstance(text, str) else None
