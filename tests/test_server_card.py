"""The server card and its catalogue: for programs, public, cached, off by default, nothing of a caller in it."""

import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from app.authoring import Icon, Identity
from tests.issuer import BASE_URL
from tests.rig import IDENTITY, SETTINGS, Rig, with_settings

CARD_PATHS = ["/mcp/server-card", "/.well-known/mcp/server-card.json"]
CATALOG_PATH = "/.well-known/ai-catalog.json"
PATHS = [*CARD_PATHS, CATALOG_PATH]
TEXT = {"type": "string", "minLength": 1, "maxLength": 100}
REMOTE = {
    "type": "object",
    "required": ["type", "url"],
    "properties": {
        "type": {"enum": ["streamable-http", "sse"]},
        "url": {"type": "string", "pattern": r"^https?://\S+$"},
        "supportedProtocolVersions": {"type": "array", "items": {"type": "string"}},
    },
}
# What the draft's schema.json demands of the members that are used here.
CARD = {
    "type": "object",
    "required": ["$schema", "name", "version", "description"],
    "properties": {
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json"},
        "name": {
            "type": "string",
            "pattern": r"^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
            "minLength": 3,
            "maxLength": 200,
        },
        "title": TEXT,
        "description": TEXT,
        "version": {"type": "string", "maxLength": 255},
        "websiteUrl": {"type": "string", "pattern": "^https?://"},
        "remotes": {"type": "array", "items": REMOTE},
        "icons": {"type": "array", "items": {"type": "object", "required": ["src"]}},
    },
    "additionalProperties": False,
}
FULL = Identity(
    name="acme.tools",
    version="1.2.3",
    title="Acme",
    description="What Acme's people ask for.",
    website_url="https://acme.example",
    icons=(
        "https://acme.example/i.png",
        Icon("data:image/png;base64,iVBORw0KGgo=", "image/png", ("48x48",), "dark"),
    ),
)


def card(**changes: Any) -> dict[str, Any]:
    identity = changes.pop("identity", IDENTITY)
    rig = Rig(settings=replace(SETTINGS, server_card=True, **changes), identity=identity)
    first, second = (rig.request("GET", path) for path in CARD_PATHS)
    assert first.text == second.text
    document: dict[str, Any] = first.json
    jsonschema.validate(document, CARD)
    return document


@pytest.mark.parametrize("path", PATHS)
def test_it_is_off_by_default(path: str, rig: Rig) -> None:
    assert rig.request("GET", path).status == 404
    assert "/.well-known/mcp" not in {route.path for route in rig.app.routes if hasattr(route, "path")}


def test_the_card_says_what_the_server_says_of_itself_and_where_it_is() -> None:
    assert card(identity=FULL) == {
        "$schema": "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        "name": "com.example.mcp/acme.tools",
        "title": "Acme",
        "description": "What Acme's people ask for.",
        "version": "1.2.3",
        "websiteUrl": "https://acme.example",
        "icons": [
            {"src": "https://acme.example/i.png"},
            {
                "src": "data:image/png;base64,iVBORw0KGgo=",
                "mimeType": "image/png",
                "sizes": ["48x48"],
                "theme": "dark",
            },
        ],
        "remotes": [
            {
                "type": "streamable-http",
                "url": f"{BASE_URL}/mcp",
                "supportedProtocolVersions": [
                    "2024-11-05",
                    "2025-03-26",
                    "2025-06-18",
                    "2025-11-25",
                    "2026-07-28",
                ],
            }
        ],
    }


def test_the_card_and_the_server_agree() -> None:
    rig = Rig(settings=replace(SETTINGS, server_card=True), identity=FULL)
    document = rig.request("GET", CARD_PATHS[0]).json
    runtime = rig.exchange("server/discover").json["result"]

    info = runtime["_meta"]["io.modelcontextprotocol/serverInfo"]
    assert {name: info[name] for name in ("title", "version", "description", "websiteUrl", "icons")} == {
        name: document[name] for name in ("title", "version", "description", "websiteUrl", "icons")
    }
    assert set(runtime["supportedVersions"]) <= set(document["remotes"][0]["supportedProtocolVersions"])


@pytest.mark.parametrize(
    ("base_url", "namespace"),
    [
        ("http://127.0.0.1:8000", "localhost"),
        ("http://localhost:8000", "localhost"),
        ("http://[::1]:8000", "localhost"),
        ("https://tools.acme.example:8443", "example.acme.tools"),
    ],
)
def test_the_name_is_the_host_in_reverse_order(base_url: str, namespace: str) -> None:
    assert card(base_url=base_url)["name"] == f"{namespace}/{IDENTITY.name}"


def test_long_texts_are_shortened_and_a_missing_description_is_the_title() -> None:
    long = replace(IDENTITY, title="t" * 90 + " and more words", description="many words " * 20)

    assert card(identity=long)["title"] == "t" * 90 + " and ..."
    assert re.fullmatch(r"(many words ?)+.*\.\.\.", card(identity=long)["description"])
    assert card(identity=replace(IDENTITY, description=None))["description"] == IDENTITY.title


def test_the_website_may_be_the_operators_page() -> None:
    assert card(docs_url="https://docs.example")["websiteUrl"] == "https://docs.example"
    assert "websiteUrl" not in card()


def test_the_catalogue_leads_to_the_card() -> None:
    answer = with_settings(server_card=True).request("GET", CATALOG_PATH)

    assert answer.headers["content-type"] == "application/ai-catalog+json"
    assert answer.json == {
        "specVersion": "1.0",
        "entries": [
            {
                "identifier": f"urn:air:mcp.example.com:mcp:{IDENTITY.name}",
                "type": "application/mcp-server-card+json",
                "url": f"{BASE_URL}/mcp/server-card",
            }
        ],
    }


@pytest.mark.parametrize("path", PATHS)
def test_it_is_public_cached_and_the_same_whoever_asks(path: str) -> None:
    rig = Rig.with_examples(replace(SETTINGS, server_card=True))
    hostile = {"origin": "https://evil.example", "host": "evil.example", "x-forwarded-host": "evil.example"}

    plain, other = rig.request("GET", path), rig.request("GET", path, headers=hostile, token="evil")

    assert (plain.status, other.status, plain.text) == (200, 200, other.text)
    headers = {**plain.headers}
    assert headers["access-control-allow-origin"] == headers["access-control-allow-headers"] == "*"
    assert headers["access-control-allow-methods"] == "GET"
    assert headers["access-control-expose-headers"] == "ETag"
    assert headers["cache-control"] == "public, max-age=3600"
    assert rig.request("HEAD", path).headers["etag"] == headers["etag"]
    assert "evil" not in other.text
    assert not any(key in plain.json for key in ("tools", "prompts", "resources"))
    assert rig.issuer.fetched == []


@pytest.mark.parametrize("path", PATHS)
def test_a_cache_asks_whether_there_is_a_newer_one(path: str) -> None:
    rig = with_settings(server_card=True)
    tag = rig.request("GET", path).headers["etag"]

    known = [rig.request("GET", path, headers={"if-none-match": each}) for each in (tag, f'"x", W/{tag}', "*")]

    assert [(answer.status, answer.text, answer.headers["etag"]) for answer in known] == [(304, "", tag)] * 3
    assert rig.request("GET", path, headers={"if-none-match": '"x"'}).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_may_ask_for_it_with_any_header(path: str) -> None:
    rig = with_settings(server_card=True)

    answer = rig.request("OPTIONS", path, headers={"origin": "https://any.example"})

    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert rig.request("POST", path).status == 405
