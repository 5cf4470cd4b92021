"""Send all requests that the checks need, once: to the server, for its documents, and to AuthKit."""

import asyncio
import base64
import json
from dataclasses import dataclass

from infra.operator import rpc
from infra.operator.address import AUTHORIZATION_SERVER, Address
from infra.operator.certificate import Certificate, read_certificate
from infra.operator.web import Answer, NoAnswer, Reply, Web, may_send_secrets

INSPECTOR = "http://localhost:6274"
KEYS = "/oauth2/jwks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The reply to each request. `post`, `get` and `stranger` went to the MCP endpoint."""

    address: Address
    origin: str
    """The origin of the browser page for which the preflight asked."""
    origin_given: bool
    certificate: Certificate | None
    post: Reply
    get: Reply
    stranger: Reply
    """A call with a well-formed token that AuthKit did not sign: the server has to look up its key."""
    preflight: Reply
    root_document: Reply
    path_document: Reply
    mirror: Reply
    authkit: Reply
    keys: Reply

    @property
    def metadata(self) -> dict[str, object] | None:
        """The protected resource metadata, from the /mcp form or else from the root, as clients read it."""
        return read_document(self.path_document) or read_document(self.root_document)

    @property
    def issuer(self) -> str | None:
        return first_issuer(self.metadata)


def read_document(reply: Reply) -> dict[str, object] | None:
    return reply.document() if isinstance(reply, Answer) and reply.status == 200 else None


def first_issuer(metadata: dict[str, object] | None) -> str | None:
    """The first authorization server, which is the one that clients use."""
    listed = (metadata or {}).get("authorization_servers")
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], str) else None


async def observe(address: Address, web: Web, origin: str = "") -> Observation:
    """Send all requests. The first one goes alone: after it the function is warm, or known not to answer."""
    certificate = await read_certificate(address.origin, web.trust, web.patience)
    post = await rpc.post(web, address.url)
    get, stranger, preflight, root, path, mirror = await _ask_server(address, web, origin or INSPECTOR, post)
    issuer = first_issuer(read_document(path) or read_document(root))
    authkit, keys = await _ask_authkit(issuer, web)
    return Observation(
        address=address,
        origin=origin or INSPECTOR,
        origin_given=bool(origin),
        certificate=certificate,
        post=post,
        get=get,
        stranger=stranger,
        preflight=preflight,
        root_document=root,
        path_document=path,
        mirror=mirror,
        authkit=authkit,
        keys=keys,
    )


async def _ask_server(address: Address, web: Web, origin: str, first: Reply) -> list[Reply]:
    if isinstance(first, NoAnswer):
        return [NoAnswer("the server does not answer", asked=False)] * 6
    preflight = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, mcp-protocol-version",
    }
    return list(
        await asyncio.gather(
            web.ask("GET", address.url, headers={"accept": "text/event-stream"}),
            rpc.post(web, address.url, token=_make_unsigned_token()),
            web.ask("OPTIONS", address.url, headers=preflight),
            web.ask("GET", address.root_document),
            web.ask("GET", address.path_document),
            web.ask("GET", address.mirror),
        )
    )


async def _ask_authkit(issuer: str | None, web: Web) -> tuple[Reply, Reply]:
    if issuer is None or not may_send_secrets(issuer):
        unasked = NoAnswer("the metadata names no authorization server that could be asked", asked=False)
        return unasked, unasked
    origin = issuer.rstrip("/")
    return await asyncio.gather(web.ask("GET", origin + AUTHORIZATION_SERVER), web.ask("GET", origin + KEYS))


def _make_unsigned_token() -> str:
    header = {"alg": "RS256", "kid": "doctor-asks-for-a-key-that-does-not-exist"}
    parts = (json.dumps(header).encode(), b"{}", b"no signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
