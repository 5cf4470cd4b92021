"""The server card of MCP's draft (SEP-2127), and the catalogue that leads to it: for programs, before a login.

Shape and places are those of modelcontextprotocol/experimental-ext-server-card at commit 8924e08 (July 2026). The
draft is not final, so `SERVER_CARD` is off by default. Nothing that depends on the caller is in the card.
"""

import hashlib
import ipaddress
import json
import textwrap
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import Response
from mcp_types.version import SUPPORTED_PROTOCOL_VERSIONS

from app.authoring import Identity
from app.http.browser import PUBLIC_DOCUMENT_HEADERS
from app.protocol.serving.blocks import write_icons
from app.settings import Settings

SCHEMA = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json"
CARD_PATH = "/mcp/server-card"
"""The place that the draft reserves: the server's URL, and /server-card behind it."""
WELL_KNOWN_CARD_PATH = "/.well-known/mcp/server-card.json"
"""The place of earlier drafts, where xmcp serves its card and crawlers look."""
CATALOG_PATH = "/.well-known/ai-catalog.json"
CARD_TYPE = "application/mcp-server-card+json"
CATALOG_TYPE = "application/ai-catalog+json"
MAX_TEXT_CHARACTERS = 100
"""Of title and description, in the schema."""

_HEADERS = {
    **PUBLIC_DOCUMENT_HEADERS,
    # Both are demanded by the draft, Discovery, CORS Requirements.
    "access-control-allow-methods": "GET",
    "access-control-expose-headers": "ETag",
    "cache-control": "public, max-age=3600",
}


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """A document that is the same for everyone, with the tag by which a cache asks for a newer one."""

    content: bytes
    media_type: str

    def answer(self, request: Request) -> Response:
        """Answer with the document, or with 304 for a cache that has it (RFC 9110 section 13.1.2)."""
        tag = f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'
        headers = {**_HEADERS, "etag": tag}
        tags = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
        if tag in tags or "*" in tags:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


def add_server_card(app: FastAPI, settings: Settings, identity: Identity) -> None:
    """Serve the card at both places, and the catalogue, to everybody. Both documents are made once, here."""
    card = PublicDocument(_dump(create_server_card(settings, identity)), CARD_TYPE)
    catalog = PublicDocument(_dump(create_catalog(settings, identity)), CATALOG_TYPE)

    async def preflight() -> Response:
        return Response(status_code=204, headers=_HEADERS)

    def publish(path: str, document: PublicDocument) -> None:
        async def show(request: Request) -> Response:
            return document.answer(request)

        app.add_api_route(path, show, methods=["GET", "HEAD"], response_model=None)
        app.add_api_route(path, preflight, methods=["OPTIONS"], response_model=None)

    publish(CARD_PATH, card)
    publish(WELL_KNOWN_CARD_PATH, card)
    publish(CATALOG_PATH, catalog)


def create_server_card(settings: Settings, identity: Identity) -> dict[str, object]:
    """The members of the card. `name` is the host in reverse order, and the name of the identity."""
    card: dict[str, object] = {
        "$schema": SCHEMA,
        "name": f"{_reverse_host(settings.base_url)}/{identity.name}",
        "title": _shorten(identity.title),
        "description": _shorten(identity.description or identity.title),
        "version": identity.version,
        "remotes": [
            {
                "type": "streamable-http",
                "url": settings.resource,
                "supportedProtocolVersions": list(SUPPORTED_PROTOCOL_VERSIONS),
            }
        ],
    }
    if website := identity.website_url or settings.docs_url:
        card["websiteUrl"] = website
    if icons := write_icons(identity.icons):
        card["icons"] = [icon.model_dump(mode="json", by_alias=True, exclude_none=True) for icon in icons]
    return card


def create_catalog(settings: Settings, identity: Identity) -> dict[str, object]:
    """The catalogue of this host, which has this one server (AI Catalog 1.0)."""
    entry = {
        "identifier": f"urn:air:{urlsplit(settings.base_url).hostname}:mcp:{identity.name}",
        "type": CARD_TYPE,
        "url": settings.base_url + CARD_PATH,
    }
    return {"specVersion": "1.0", "entries": [entry]}


def _shorten(text: str) -> str:
    return textwrap.shorten(text, MAX_TEXT_CHARACTERS, placeholder=" ...")


def _reverse_host(base_url: str) -> str:
    """The namespace that belongs to the host, such as com.example.mcp; an address of numbers has none."""
    host = urlsplit(base_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ".".join(reversed(host.split(".")))
    return "localhost"


def _dump(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
