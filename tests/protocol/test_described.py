"""What stands beside the name of the server and of what it offers: icons, annotations, vendors' keys."""

from typing import Any

import pytest

from app.authoring import ContentError, Icon, Identity
from app.identity import IDENTITY
from app.protocol.catalogue.definition import CatalogueError
from tests.catalogues.content import prompts, resources, tools
from tests.packages import Write
from tests.rig import ERAS, HANDSHAKE_VERSIONS, MODERN, Rig

PNG = "data:image/png;base64,iVBORw0KGgo="
SERVER = Identity(
    name="acme-reports",
    version="1.4.0",
    title="Acme Reports",
    description="Reports of Acme.",
    instructions="Begin with whoami.",
    website_url="https://acme.example",
    icons=[Icon("https://acme.example/i.svg", "image/svg+xml", sizes=["any"])],
)
SAID: dict[str, dict[str, Any]] = {
    "tools/list": {
        "icons": [{"src": "https://example.com/i.png"}, {"src": "https://example.com/dark.png", "theme": "dark"}],
        "_meta": {"example.com/origin": "test"},
    },
    "prompts/list": {
        "icons": [{"src": "https://example.com/i.png"}],
        "_meta": {"example.com/origin": "test"},
    },
    "resources/list": {
        "icons": [{"src": PNG}],
        "annotations": {"audience": ["user"], "priority": 0.3, "lastModified": "2026-11-23T00:00:00Z"},
        "_meta": {"example.com/origin": "test"},
        "mimeType": "text/csv",
    },
    "resources/templates/list": {
        "icons": [{"src": PNG, "sizes": ["48x48"]}],
        "annotations": {"audience": ["assistant"]},
        "_meta": {"example.com/origin": "test"},
    },
}


@pytest.fixture(scope="module")
def described() -> Rig:
    return Rig(tools=tools, prompts=prompts, resources=resources, identity=SERVER)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("method", SAID)
def test_lists_show_icons_annotations_and_vendors_keys(method: str, version: str, described: Rig) -> None:
    result = described.exchange(method, version=version).json["result"]

    (entries,) = (value for value in result.values() if isinstance(value, list))
    entry = next(each for each in entries if each["name"].startswith("described"))
    assert {name: entry.get(name) for name in SAID[method]} == SAID[method]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("method", SAID)
def test_lists_are_silent_where_there_is_nothing_to_say(method: str, version: str, shipped: Rig) -> None:
    result = shipped.exchange(method, version=version).json["result"]

    (entries,) = (value for value in result.values() if isinstance(value, list))
    plain = [each for each in entries if each["name"] in {"whoami", "introduce_me", "about", "working_days"}]
    assert len(plain) == 1
    assert not {"icons", "_meta"} & set(plain[0])
    assert method == "tools/list" or "annotations" not in plain[0]


@pytest.mark.parametrize("version", ERAS)
def test_a_resource_may_have_several_parts_each_with_its_own_uri(version: str, described: Rig) -> None:
    def read(uri: str) -> Any:
        return described.exchange("resources/read", {"uri": uri}, version=version).json["result"]["contents"]

    assert read("report://parts") == [
        {"uri": "report://parts/1", "mimeType": "text/plain", "text": "one", "_meta": {"example.com/n": 1}},
        {"uri": "report://parts/2", "mimeType": "application/octet-stream", "blob": "/w=="},
    ]
    assert read("report://part") == [{"uri": "report://parts/1", "mimeType": "application/json", "text": "{}"}]
    assert read("report://empty") == [{"uri": "report://empty", "mimeType": "application/json", "text": "[]"}]
    assert read("report://described")[0]["_meta"] == {"example.com/origin": "test"}


@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
def test_initialize_says_who_answers_and_what_to_know_first(version: str, described: Rig) -> None:
    client = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "client", "version": "1"}}

    result = described.exchange("initialize", client, version=version).json["result"]

    assert result["instructions"] == "Begin with whoami."
    assert result["serverInfo"] == EXPECTED_SERVER


@pytest.mark.parametrize("method", ["server/discover", "tools/list", "prompts/list"])
def test_every_modern_answer_says_who_answers(method: str, described: Rig) -> None:
    result = described.exchange(method).json["result"]

    server = result["_meta"]["io.modelcontextprotocol/serverInfo"]
    assert server == EXPECTED_SERVER
    assert result.get("instructions") == ("Begin with whoami." if method == "server/discover" else None)


EXPECTED_SERVER = {
    "name": "acme-reports",
    "title": "Acme Reports",
    "description": "Reports of Acme.",
    "version": "1.4.0",
    "websiteUrl": "https://acme.example",
    "icons": [{"src": "https://acme.example/i.svg", "mimeType": "image/svg+xml", "sizes": ["any"]}],
}


def test_the_identity_of_this_checkout_can_be_served() -> None:
    result = Rig(identity=IDENTITY).exchange("server/discover", version=MODERN).json["result"]

    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"] == IDENTITY.version
    assert result.get("instructions") == IDENTITY.instructions


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Acme Reports"}, '^name is of lower-case letters, digits, ".", "_" and "-", such as "acme-rep'),
        ({"version": "1 or so"}, '^version is of letters, digits, ".", "\\+", "_" and "-", such as "1.4.0"'),
        ({"website_url": "http://acme.example"}, '^website_url begins with "https://"'),
        ({"icons": ["data:image/png;base64," + "A" * 2048]}, "^an icon of the server has 2048 characters at most"),
        ({"icons": ["file:///etc/passwd"]}, "^an icon's src begins with"),
    ],
)
def test_an_identity_that_no_client_could_use_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ContentError, match=said):
        Identity(**{"name": "acme", "version": "1", "title": "Acme", **given})


@pytest.mark.parametrize(
    ("kind", "decorator", "said"),
    [
        ("tool", '@tool(icons=["http://x/y.png"])', "cannot be imported: ContentError: an icon's src begins with"),
        ("tool", '@tool(meta={"mcp/": 1})', "ContentError: meta has a key that is not yours to use"),
        ("prompt", '@prompt(icons="https://x/y.png")', "ContentError: icons is a list"),
        ("prompt", '@prompt(meta={"ui": 1})', "ContentError: meta has a key that is not yours to use"),
        ("resource", '@resource("x://y", mime_type="text")', "ContentError: mime_type is not a MIME type"),
        ("resource", '@resource("x://y", icons=["//x"])', "ContentError: an icon's src begins with"),
        ("resource", '@resource("x://y", meta={"a b": 1})', "ContentError: meta has a key that is not yours"),
    ],
)
def test_what_cannot_be_shown_stops_the_start_and_names_the_file(
    kind: str, decorator: str, said: str, write: Write
) -> None:
    text = (
        f'from app.authoring import {kind}\n\n{decorator}\nasync def one() -> str:\n    """O."""\n    return "x"\n'
    )

    with pytest.raises(CatalogueError, match=rf"one\.py: .*{said}"):
        Rig(**{f"{kind}s": write(one=text)})  # type: ignore[arg-type]
