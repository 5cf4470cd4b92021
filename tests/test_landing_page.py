"""The page for people: what it tells, and what it lets a browser do."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

from app.authoring import Icon, Identity
from app.http.clients import LOCAL_NAME, list_clients
from infra.local.seed.load import load_seed
from infra.local.start_page import Addresses, render_start_page
from infra.terminal.configuration.clients import CLIENTS
from tests.issuer import BASE_URL
from tests.landing_page import DOT, PATHS, Page, browse, read
from tests.rig import IDENTITY, SETTINGS, Rig


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(rig: Rig) -> None:
    answer = browse(rig)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))

    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy.pop(directive) == f"'sha256-{digest}'"
    none = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert policy == {**dict.fromkeys(none, "'none'"), "img-src": "data:"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_page_is_well_formed_and_can_be_read_aloud(rig: Rig) -> None:
    page = Page(browse(rig).text)

    assert page.find("html") == [{"lang": "en"}]
    assert len(page.find("h1")) == len(page.find("main")) == len(page.find("title")) == 1
    (field,), (label,) = page.find("textarea"), page.find("label")
    assert field["id"] == label["for"]
    assert (page.texts.count(f"{BASE_URL}/mcp"), "readonly" in field) == (1, True)
    assert all("alt" in image for image in page.find("img"))
    headings = [tag for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert headings[:3] == ["h1", "h2", "h3"]
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_it_needs_no_script_and_nothing_from_another_server(rig: Rig) -> None:
    page = Page(browse(rig).text)

    assert all("hidden" in button for button in page.find("button"))
    loaded = [value for _, each in page.elements for name in ("src", "srcset") if (value := each.get(name))]
    assert all(address.startswith("data:") for address in loaded)
    assert [each["rel"] for each in page.find("link")] == ["icon"]
    inline = [name for _, each in page.elements for name in each if name.startswith("on") or name == "style"]
    assert inline == []


def test_it_tells_no_tool_no_caller_and_no_version_of_this_server() -> None:
    rig = Rig.with_examples(identity=replace(IDENTITY, version="7.8.9-secret"))
    rig.call("whoami")

    text = browse(rig).text

    listed = rig.exchange("tools/list").json["result"]["tools"]
    assert len(listed) > 5
    assert [tool["name"] for tool in listed if tool["name"] in text] == []
    assert "7.8.9" not in text
    assert SETTINGS.client_id not in text
    assert "user_01" not in text


def test_it_is_made_once() -> None:
    rig = Rig()
    asked = [browse(rig, path) for path in PATHS]

    assert len({answer.text for answer in asked}) == 1


def test_identity_and_note_are_shown_as_text() -> None:
    hostile = "</h1><script>alert(1)</script>\"'&$url{}"
    identity = Identity(
        name="acme",
        version="1",
        title=f"T {hostile}",
        description=f"D {hostile}",
        instructions=f"I {hostile}",
        website_url='https://acme.example/"><script>',
    )

    page = read(identity=identity, landing_page_note=(f"N {hostile}", "second line"))

    assert [f"{each} {hostile}" in page.text for each in "TDIN"] == [True] * 4
    assert page.text.index("second line") > page.text.index("N </h1>")
    assert len(page.find("script")) == len(page.find("h1")) == 1
    assert 'https://acme.example/"><script>' in [link["href"] for link in page.find("a")]


def test_a_server_that_says_little_of_itself_has_a_page_too() -> None:
    page = read(identity=Identity(name="a", version="1", title="acme", instructions=" "))

    assert page.find("title")
    assert "About this server" not in page.text
    assert page.text.startswith("acme A acme Address")  # its title, and a letter in place of an icon
    assert page.find("link")[0]["href"] == "data:,"


def test_icons_of_other_servers_are_left_out_and_both_themes_are_used() -> None:
    far = "https://acme.example/icon.png"
    identity = replace(IDENTITY, icons=(far, Icon(DOT + "A", theme="dark"), Icon(DOT + "B", theme="light")))

    page = read(identity=identity)

    assert [image["src"] for image in page.find("img")] == [DOT + "B"]
    assert [source["srcset"] for source in page.find("source")] == [DOT + "A"]
    assert far not in str(page.elements)


def test_one_icon_serves_both_themes() -> None:
    light, dark = (
        read(identity=replace(IDENTITY, icons=(Icon(DOT, theme=theme),))) for theme in ("light", "dark")
    )

    assert [each.find("img")[0]["src"] for each in (light, dark)] == [DOT, DOT]


def test_it_says_how_to_log_in_and_who_may() -> None:
    open_to_all, members = read(), read(require_organization=True)

    assert "through WorkOS AuthKit, at acme.authkit.app." in open_to_all.text
    assert ("organisation" in open_to_all.text, "must belong to an organisation" in members.text) == (False, True)


def test_its_documentation_is_the_operators_or_else_the_servers_website() -> None:
    identity = replace(IDENTITY, website_url="https://acme.example")
    links = [
        read(identity=identity, **each).find("a")[-1]["href"]
        for each in ({}, {"docs_url": "https://docs.example"})
    ]

    assert links == ["https://acme.example", "https://docs.example"]


def test_a_server_on_loopback_says_that_claude_and_chatgpt_cannot_reach_it() -> None:
    local, deployed = read(base_url="http://127.0.0.1:8000").text, read().text

    assert "Needs a public address" in local
    assert "claude_desktop_config.json" in local
    assert "from this computer only" in local
    assert not any(each in deployed for each in ("public address", "this computer", "claude_desktop_config"))
    assert "Add custom connector" in deployed


def test_the_clients_that_work_come_first() -> None:
    def names(url: str) -> list[str]:
        return re.findall(r"<h3>(.*?)</h3>", browse(Rig(settings=replace(SETTINGS, base_url=url))).text)

    local, deployed = names("http://127.0.0.1:8000"), names(BASE_URL)

    assert local[0] == "Cursor"
    assert local[-2:] == deployed[:2] == ["Claude", "ChatGPT"]
    assert sorted(local) == sorted(deployed)


def test_a_deployed_server_has_the_name_of_its_identity_without_dots() -> None:
    page = read(identity=replace(IDENTITY, name="acme.tools"))

    assert f"claude mcp add --transport http acme-tools {BASE_URL}/mcp" in page.text
    assert LOCAL_NAME not in page.text


def test_the_links_of_the_editors_hold_their_configuration() -> None:
    cursor, vs_code = [link["href"] or "" for link in read().find("a")]

    assert cursor.startswith("cursor://anysphere.cursor-deeplink/mcp/install?")
    query = parse_qs(urlsplit(cursor).query, strict_parsing=True)
    assert query["name"] == [IDENTITY.name]
    assert json.loads(base64.b64decode(query["config"][0], validate=True)) == {"url": f"{BASE_URL}/mcp"}
    assert vs_code.startswith("vscode:mcp/install?")
    assert json.loads(unquote(vs_code.partition("?")[2])) == {
        "name": IDENTITY.name,
        "type": "http",
        "url": f"{BASE_URL}/mcp",
    }


def test_each_client_has_the_lines_that_make_dev_prints() -> None:
    page = read(base_url="http://127.0.0.1:8000", identity=replace(IDENTITY, name="acme-tools"))
    printed = render_start_page(
        Addresses("http://127.0.0.1:8000", "http://127.0.0.1:8001"), load_seed(), colour=False
    )
    rows = re.findall(
        r"^  (.{19})(\S.*)$", printed.partition("Connect")[2].partition("Log in as")[0], re.MULTILINE
    )
    lines = [re.split("   |, then", text)[0] for label, text in rows if label.strip() != "Inspector"]

    assert len(lines) == 11
    assert [line for line in lines[:-1] if line not in page.text] == []


def test_each_client_has_what_make_connect_writes_or_runs_for_it() -> None:
    name, url = LOCAL_NAME, "http://127.0.0.1:8000/mcp"
    clients = {client.name: client for client in list_clients(IDENTITY.name, url, is_public=False)}
    entries = {choice: each.make_entry(url) for choice, each in CLIENTS.items()}

    for each in CLIENTS.values():
        if each.command:
            assert each.own_command(name, url) in clients[each.title].lines
    assert json.loads(clients["Cursor"].lines[0]) == {"mcpServers": {name: entries["cursor"]}}
    assert json.loads(clients["Claude"].lines[0]) == {"mcpServers": {name: entries["claude-desktop"]}}
    added = json.loads(unquote((clients["VS Code"].link or "").partition("?")[2]))
    assert added == {"name": name, **entries["vscode"]}


def test_every_client_of_the_page_has_a_heading_and_says_what_to_do(rig: Rig) -> None:
    names = re.findall("<h3>(.*?)</h3>", browse(rig).text)

    assert {"Claude", "ChatGPT", "Cursor", "VS Code", "Claude Code", "Codex", "Gemini CLI", "opencode"} <= set(
        names
    )
    assert len(re.findall(r'<div class="how"><p>[A-Z][^<]{20,}</p>', browse(rig).text)) == len(names)
