"""`make connect` adds one entry to a client's file, and harms nothing that is there."""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.http.clients import LOCAL_NAME
from app.http.clients import list_clients as list_clients_of_page
from infra.terminal.command import TerminalError, UsageError
from infra.terminal.configuration import json_text
from infra.terminal.configuration.clients import CLIENTS
from infra.terminal.connect import main
from tests.infra.terminal.screens import Seen, make_screen

URL = "https://mcp.example.com/mcp"
NAME = "acme"
FILES = {
    "claude": ".mcp.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".vscode/mcp.json",
    "codex": "home/.codex/config.toml",
    "gemini": ".gemini/settings.json",
    "opencode": "opencode.json",
    "copilot": "home/.copilot/mcp-config.json",
}
REMOTE = {"command": "npx", "args": ["-y", "mcp-remote", URL]}
ENTRIES: dict[str, dict[str, Any]] = {
    "claude": {"mcpServers": {NAME: {"type": "http", "url": URL}}},
    "cursor": {"mcpServers": {NAME: {"url": URL}}},
    "vscode": {"servers": {NAME: {"type": "http", "url": URL}}},
    "codex": {"mcp_servers": {NAME: {"url": URL}}},
    "gemini": {"mcpServers": {NAME: REMOTE}},
    "opencode": {"mcp": {NAME: {"type": "remote", "url": URL}}},
    "copilot": {"mcpServers": {NAME: {"type": "http", "url": URL, "tools": ["*"]}}},
}
every_client = pytest.mark.parametrize("client", FILES)


def connect(folder: Path, client: str, **variables: str) -> tuple[int, Seen]:
    seen = make_screen()
    own = {"CLIENT": client, "FOLDER": str(folder), "HOME": str(folder / "home"), "URL": URL, "ENTRY_NAME": NAME}
    return main({**own, **variables}, seen.screen), seen


def read(file: Path) -> Any:
    return tomllib.loads(file.read_text()) if file.suffix == ".toml" else json.loads(file.read_text())


@every_client
def test_a_client_without_a_file_gets_one_and_keeps_it(tmp_path: Path, client: str) -> None:
    file = tmp_path / FILES[client]

    status, seen = connect(tmp_path, client)
    written = file.read_bytes()
    again, seen_again = connect(tmp_path, client)

    assert (status, again) == (0, 0)
    assert read(file) == ENTRIES[client]
    assert seen.out.startswith(f"Wrote {NAME} to {file}\nNext: ")
    assert f"has {NAME} already: nothing to do." in seen_again.out
    assert file.read_bytes() == written


@every_client
def test_another_server_of_that_name_is_never_replaced(tmp_path: Path, client: str) -> None:
    connect(tmp_path, client, URL="https://other.example.com/mcp")
    file = tmp_path / FILES[client]
    before = file.read_bytes()

    with pytest.raises(TerminalError) as refusal:
        connect(tmp_path, client)

    assert "https://other.example.com/mcp" in str(refusal.value)
    assert "NAME=" in str(refusal.value)
    assert file.read_bytes() == before


@every_client
def test_a_dry_run_shows_the_change_and_writes_nothing(tmp_path: Path, client: str) -> None:
    status, seen = connect(tmp_path, client, DRY_RUN="1")

    assert status == 0
    assert f"+++ {tmp_path / FILES[client]}" in seen.out
    assert URL in seen.out
    assert list(tmp_path.iterdir()) == []


BEFORE_AND_AFTER = {
    "two spaces": (
        '{\n  "mcpServers": {\n    "a": {}\n  },\n  "b": 1\n}\n',
        '{\n  "mcpServers": {\n    "a": {},\n    "acme": {\n      "url": "URL"\n    }\n  },\n  "b": 1\n}\n',
    ),
    "tabs and CRLF": (
        '{\r\n\t"mcpServers": {\r\n\t\t"a": 1\r\n\t}\r\n}',
        '{\r\n\t"mcpServers": {\r\n\t\t"a": 1,\r\n\t\t"acme": {\r\n\t\t\t"url": "URL"\r\n\t\t}\r\n\t}\r\n}',
    ),
    "empty table": (
        '{\n    "mcpServers": {}\n}\n',
        '{\n    "mcpServers": {\n        "acme": {\n            "url": "URL"\n        }\n    }\n}\n',
    ),
    "no table": (
        '{\n  "theme": "d\\u00fcster"\n}\n',
        '{\n  "theme": "d\\u00fcster",\n  "mcpServers": {\n    "acme": {\n      "url": "URL"\n    }\n  }\n}\n',
    ),
    "one line": (
        '{"mcpServers": {"other": {"url": "}"}}}',
        '{"mcpServers": {"other": {"url": "}"}, "acme": {"url": "URL"}}}',
    ),
    "empty object": ("{}", '{\n  "mcpServers": {\n    "acme": {\n      "url": "URL"\n    }\n  }\n}'),
    "empty file": ("\n", '{\n  "mcpServers": {\n    "acme": {\n      "url": "URL"\n    }\n  }\n}\n'),
    "byte order mark": (
        '\ufeff{"mcpServers": {"other": 1}}',
        '\ufeff{"mcpServers": {"other": 1, "acme": {"url": "URL"}}}',
    ),
    "name elsewhere": (
        '{"acme": 1, "mcpServers": {"x": {"mcpServers": {}}}}',
        '{"acme": 1, "mcpServers": {"x": {"mcpServers": {}}, "acme": {"url": "URL"}}}',
    ),
}


@pytest.mark.parametrize(("before", "after"), BEFORE_AND_AFTER.values(), ids=BEFORE_AND_AFTER)
def test_everything_else_in_a_file_stays_byte_for_byte(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / ".cursor/mcp.json"
    file.parent.mkdir()
    file.write_bytes(before.encode())

    assert connect(tmp_path, "cursor")[0] == 0
    assert file.read_bytes().decode() == after.replace("URL", URL)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(st.text(max_size=4), VALUES, max_size=3)
DOCUMENTS = st.tuples(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), st.none() | TABLES)


@pytest.mark.broad
@given(document=DOCUMENTS, indent=st.sampled_from([None, 0, 1, 2, 4, "\t"]), has_gap=st.booleans())
def test_any_json_takes_an_entry_and_keeps_each_of_its_characters(
    document: tuple[dict[str, Any], dict[str, Any] | None], indent: int | str | None, has_gap: bool
) -> None:
    others, table = document
    before = {**others, **({} if table is None else {"mcpServers": table})}
    text = json.dumps(before, indent=indent, separators=(", ", " : ") if has_gap else (",", ":"))

    changed = json_text.add_entry(text, ["mcpServers"], "acme-server", {"url": URL})

    assert json.loads(changed) == {**before, "mcpServers": {**(table or {}), "acme-server": {"url": URL}}}
    assert count_equal(text, changed) + count_equal(text[::-1], changed[::-1]) >= len(text)


def count_equal(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{\n  // ours\n  "servers": {}\n}', "it is not plain JSON at line 2; comments"),
        ('{"servers": {},}', "comments and trailing commas would be lost"),
        ('{"servers": []}', "its servers is not an object"),
        ('{"servers": {"acme": null}}', "it has acme already, without a server"),
        ("[]", "it is not a JSON object"),
    ],
    ids=["comment", "comma", "list", "null", "array"],
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / ".vscode/mcp.json"
    file.parent.mkdir()
    file.write_text(content)

    with pytest.raises(TerminalError) as refusal:
        connect(tmp_path, "vscode")

    assert why in str(refusal.value)
    assert f'Add this by hand under servers:\n{{\n  "{NAME}": {{\n' in str(refusal.value)
    assert file.read_text() == content


CODEX = '# mine\nmodel = "o3"\n\n[mcp_servers.other]\nurl = "x" # keep\n'


@pytest.mark.parametrize("ending", ["", "\n", "\n[profiles.a]\nb = 1\n"], ids=["plain", "line", "table"])
def test_codex_gets_a_table_at_the_end(tmp_path: Path, ending: str) -> None:
    file = tmp_path / FILES["codex"]
    file.parent.mkdir(parents=True)
    file.write_text(CODEX + ending)

    connect(tmp_path, "codex")

    assert file.read_text() == f'{CODEX}{ending}\n[mcp_servers.{NAME}]\nurl = "{URL}"\n'
    assert read(file)["mcp_servers"] == {"other": {"url": "x"}, NAME: {"url": URL}}


@pytest.mark.parametrize("content", ["mcp_servers = {}\n", "mcp_servers = 1\n", "a = \n"])
def test_a_codex_file_that_cannot_take_a_table_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / FILES["codex"]
    file.parent.mkdir(parents=True)
    file.write_text(content)

    with pytest.raises(TerminalError, match="was not changed"):
        connect(tmp_path, "codex")
    assert file.read_text() == content


def test_opencode_goes_on_with_the_file_and_the_form_that_it_has(tmp_path: Path) -> None:
    file = tmp_path / "opencode.jsonc"
    file.write_text('{"mcp": {"servers": {"other": {"type": "local", "command": ["x"]}}}}')

    connect(tmp_path, "opencode")

    assert read(file)["mcp"]["servers"][NAME] == {"type": "remote", "url": URL}
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o640)
    (tmp_path / ".mcp.json").symlink_to(real)

    connect(tmp_path, "claude")

    assert (tmp_path / ".mcp.json").is_symlink()
    assert read(real) == ENTRIES["claude"]
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == [".mcp.json", "dotfiles.json"]


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / ".mcp.json"
    file.write_text("{}")
    file.chmod(0o444)

    with pytest.raises(TerminalError, match=r"\.mcp\.json is read-only, so it was not changed"):
        connect(tmp_path, "claude")
    assert file.read_text() == "{}"


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").mkdir()
    (tmp_path / ".cursor").touch()

    with pytest.raises(TerminalError, match=r"\.mcp\.json cannot be read: Is a directory"):
        connect(tmp_path, "claude")
    with pytest.raises(TerminalError, match=r"mcp\.json cannot be "):
        connect(tmp_path, "cursor")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"CLIENT": "emacs"}, "CLIENT=emacs is not one of: claude, cursor"),
        ({"FOLDER": "/nowhere"}, "FOLDER=/nowhere is not a folder"),
        ({"ENTRY_NAME": "my server"}, "NAME=my server: give letters"),
    ],
    ids=["client", "folder", "name"],
)
def test_a_wrong_variable_is_refused(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        connect(tmp_path, "claude", **variables)

    assert message in str(refusal.value)


@pytest.mark.parametrize("alias", ["claude-code", "Claude Code", "VS Code"])
def test_a_client_may_be_named_by_its_title(alias: str, tmp_path: Path) -> None:
    connect(tmp_path, alias)

    assert (tmp_path / (".mcp.json" if "laude" in alias else ".vscode/mcp.json")).exists()


def test_without_a_client_all_are_listed(tmp_path: Path) -> None:
    status, seen = connect(tmp_path, "")

    assert status == 0
    for name in CLIENTS:
        assert f"make connect CLIENT={name} " in seen.out


def test_each_command_and_entry_is_the_one_that_the_servers_page_shows() -> None:
    page = {each.name: "\n".join(each.lines) for each in list_clients_of_page(NAME, URL, is_public=True)}
    local = {each.name: each.lines for each in list_clients_of_page(NAME, URL, is_public=False)}

    for client in ("claude", "vscode", "codex", "gemini", "opencode", "copilot"):
        assert CLIENTS[client].own_command(NAME, URL) in page[CLIENTS[client].title], client
    assert json.loads(page["Cursor"]) == ENTRIES["cursor"]
    assert [json.loads(each) for each in local["Claude"]] == [{"mcpServers": {LOCAL_NAME: REMOTE}}]
    assert CLIENTS["claude-desktop"].make_entry(URL) == REMOTE
