"""Everything the checks look at, asked for once: the server, its documents, AuthKit."""

import asyncio
import base64
import json
from dataclasses import dataclass

from infra.operator import rpc
from infra.operator.address import AUTHORIZATION_SERVER, Address
from infra.operator.certificate import Certificate, look_at_certificate
from infra.operator.web import Answer, NoAnswer, Reply, Web, is_private_way

INSPECTOR = "http://localhost:6274"
KEYS = "/oauth2/jwks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Replies by the request that got them. `post`, `get` and `stranger` are calls to the endpoint."""

    address: Address
    origin: str
    """The browser page whose preflight was sent."""
    origin_given: bool
    certificate: Certificate | None
    post: Reply
    get: Reply
    stranger: Reply
    """A call with a well-formed token that nobody signed: the server has to look its key up."""
    preflight: Reply
    root_document: Reply
    path_document: Reply
    mirror: Reply
    authkit: Reply
    keys: Reply

    @property
    def metadata(self) -> dict[str, object] | None:
        """The protected resource metadata, from the path form or else from the root, as clients read it."""
        return document_of(self.path_document) or document_of(self.root_document)

    @property
    def issuer(self) -> str | None:
        return first_issuer(self.metadata)


def document_of(reply: Reply) -> dict[str, object] | None:
    return reply.document() if isinstance(reply, Answer) and reply.status == 200 else None


def first_issuer(metadata: dict[str, object] | None) -> str | None:
    """The entry that clients use: the first."""
    listed = (metadata or {}).get("authorization_servers")
    return listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], str) else None


async def observe(address: Address, web: Web, origin: str = "") -> Observation:
    """Ask everything. The first call goes alone: behind it the function is warm, or known to be dead."""
    certificate = await look_at_certificate(address.origin, web.trust, web.patience)
    post = await rpc.post(web, address.url)
    get, stranger, preflight, root, path, mirror = await _ask_server(address, web, origin or INSPECTOR, post)
    issuer = first_issuer(document_of(path) or document_of(root))
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
            rpc.post(web, address.url, token=_unsigned()),
            web.ask("OPTIONS", address.url, headers=preflight),
            web.ask("GET", address.root_document),
            web.ask("GET", address.path_document),
            web.ask("GET", address.mirror),
        )
    )


async def _ask_authkit(issuer: str | None, web: Web) -> tuple[Reply, Reply]:
    if issuer is None or not is_private_way(issuer):
        nobody = NoAnswer("the metadata names no authorization server that could be asked", asked=False)
        return nobody, nobody
    origin = issuer.rstrip("/")
    return await asyncio.gather(web.ask("GET", origin + AUTHORIZATION_SERVER), web.ask("GET", origin + KEYS))


def _unsigned() -> str:
    header = {"alg": "RS256", "kid": "doctor-asks-for-a-key-that-does-not-exist"}
    parts = (json.dumps(header).encode(), b"{}", b"no signature")
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
