"""`make server-json`: what the MCP registry takes, and a clear error for what it would refuse."""

import json
import os
import subprocess
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from app.authoring import Icon, Identity
from infra.operator.server_json import NotPublishable, create_server_json, main
from tests.blocks import ROOT
from tests.rig import SETTINGS, Rig
from tests.test_server_card import CARD

URL = "https://mcp.example.com/mcp"
IDENTITY = Identity(name="acme-tools", version="1.4.0", title="Acme", description="What Acme's people ask for.")
# The limits of the registry's schema of 2025-12-11 for the members that are used here.
SCHEMA: dict[str, Any] = {
    **CARD,
    "required": ["name", "description", "version", "remotes"],
    "properties": {
        **CARD["properties"],  # type: ignore[dict-item]
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
        "icons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["src"],
                "additionalProperties": False,
                "properties": {
                    "src": {"type": "string", "pattern": "^https://", "maxLength": 255},
                    "mimeType": {
                        "enum": ["image/png", "image/jpeg", "image/jpg", "image/svg+xml", "image/webp"],
                    },
                    "sizes": {"type": "array", "items": {"type": "string", "pattern": r"^(\d+x\d+|any)$"}},
                    "theme": {"enum": ["light", "dark"]},
                },
            },
        },
    },
}


def create(identity: Identity = IDENTITY, **given: str) -> dict[str, Any]:
    document = create_server_json(identity, given.pop("url", URL), **given)
    jsonschema.validate(document, SCHEMA)
    return document


def test_it_says_what_the_server_says_of_itself_and_where_it_is() -> None:
    assert create() == {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "com.example.mcp/acme-tools",
        "title": "Acme",
        "description": "What Acme's people ask for.",
        "version": "1.4.0",
        "remotes": [{"type": "streamable-http", "url": URL}],
    }


def test_the_server_card_says_the_same() -> None:
    identity = replace(IDENTITY, website_url="https://acme.example")
    card = (
        Rig(settings=replace(SETTINGS, server_card=True), identity=identity)
        .request("GET", "/mcp/server-card")
        .json
    )
    listed = create(identity)

    assert {name: card[name] for name in listed.keys() - {"$schema", "remotes"}} == {
        name: listed[name] for name in listed.keys() - {"$schema", "remotes"}
    }
    assert card["remotes"][0].items() >= listed["remotes"][0].items()


def test_name_and_description_can_be_given() -> None:
    listed = create(name="io.github.acme/tools", description="Short.")

    assert (listed["name"], listed["description"]) == ("io.github.acme/tools", "Short.")


def test_icons_are_those_that_the_registry_takes() -> None:
    icons = (
        "data:image/png;base64,iVBORw0KGgo=",
        f"https://acme.example/{'x' * 255}",
        Icon("https://acme.example/a.png", "image/png", ("48x48", "large"), "light"),
        Icon("https://acme.example/b.gif", "image/gif"),
    )

    assert create(replace(IDENTITY, icons=icons))["icons"] == [
        {"src": "https://acme.example/a.png", "mimeType": "image/png", "sizes": ["48x48"], "theme": "light"},
        {"src": "https://acme.example/b.gif"},
    ]


@pytest.mark.parametrize(
    ("changes", "given", "said"),
    [
        ({"description": None}, {}, "description in app/identity.py has 0 characters"),
        ({"description": "x" * 101}, {}, 'shorten it, or set DESCRIPTION="..."'),
        ({"title": "x" * 101}, {}, "title in app/identity.py has 101 characters"),
        ({"version": "latest"}, {}, 'version in app/identity.py is one release, such as "1.4.0"'),
        ({"version": "1.x"}, {}, "version in app/identity.py"),
        ({}, {"name": "acme-tools"}, "NAME is a domain in reverse order, one / and a name"),
        ({}, {"name": "com.example/a/b"}, "NAME is a domain"),
        ({}, {"name": f"com.example/{'a' * 200}"}, "NAME is a domain"),
        (
            {},
            {"url": "https://abc.execute-api.eu-central-1.amazonaws.com/mcp"},
            "set NAME=io.github.OWNER/acme-tools, or a domain of yours",
        ),
    ],
)
def test_what_the_registry_would_refuse_is_told_with_the_fix(
    changes: dict[str, Any], given: dict[str, str], said: str
) -> None:
    with pytest.raises(NotPublishable, match=said.replace("(", r"\(").replace(".", r"\.")):
        create(replace(IDENTITY, **changes), **given)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "URL is not set"),
        ("http://127.0.0.1:8000/mcp", "URL must begin with https://"),
        ("mcp.example.com", "URL must begin with https://"),
    ],
)
def test_a_url_that_nobody_else_reaches_is_refused(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main({"URL": url}, IDENTITY) == 2
    assert said in capsys.readouterr().err


def test_it_is_printed_as_json_with_the_address_that_clients_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"URL": "https://mcp.example.com"}, IDENTITY) == 0
    assert json.loads(capsys.readouterr().out)["remotes"][0]["url"] == URL


@pytest.mark.broad  # starts make and Python
def test_the_command_prints_the_servers_own_and_takes_no_name_from_the_shell() -> None:
    def print_name(*variables: str) -> str:
        ran = subprocess.run(
            ["make", "server-json", f"URL={URL}", "DESCRIPTION=Acme's tools", *variables],
            cwd=ROOT,
            env={**os.environ, "NAME": "my-laptop"},
            capture_output=True,
            text=True,
            check=True,
        )
        document: dict[str, Any] = json.loads(ran.stdout)
        jsonschema.validate(document, SCHEMA)
        assert document["description"] == "Acme's tools"
        return str(document["name"])

    assert print_name("NAME=com.example/acme") == "com.example/acme"
    assert print_name().startswith("com.example.mcp/")
