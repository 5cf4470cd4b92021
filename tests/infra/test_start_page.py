import json
from dataclasses import replace

from app.http.clients import INSPECTOR
from app.settings import parse_note
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Membership, Organization, Role, User
from infra.local.start_page import Addresses, render_start_page, write_note
from tests.blocks import ROOT

ADDRESSES = Addresses("http://127.0.0.1:8000", "http://127.0.0.1:8001")
# Its own people: whoever edits seed.toml breaks no test.
SEED = replace(
    load_seed(),
    users=(User("u1", "ada@example.com", "Ada", "Lovelace"), User("u2", "alan@example.com", "Alan", "Turing")),
    organizations=(Organization("o1", "Engines"), Organization("o2", "Compilers")),
    roles=(Role("admin", "Admin", ()), Role("member", "Member", ()), Role("auditor", "Auditor of books", ())),
    memberships=(
        Membership("m1", "u1", "o1", "admin"),
        Membership("m2", "u1", "o2", "member", roles=("member", "auditor")),
    ),
)


def page(*, colour: bool = False) -> str:
    return render_start_page(ADDRESSES, SEED, colour=colour)


def test_the_page_says_which_workos_the_function_asks() -> None:
    other = replace(ADDRESSES, other_api_url="https://api.workos.com")
    named = " ".join(render_start_page(other, SEED, colour=False).split())

    assert "WorkOS API http://127.0.0.1:8001, the local one" in " ".join(page().split())
    assert "seed.toml has" not in page()
    assert "WorkOS API https://api.workos.com, with your WORKOS_API_KEY: tools read and change" in named
    assert "AuthKit http://127.0.0.1:8001" in named
    assert "only if infra/local/seed.toml has that WorkOS' ids" in named


def test_each_client_has_a_line_to_paste() -> None:
    lines = page().splitlines()

    for command in (
        "claude mcp add --transport http workos-mcp-local http://127.0.0.1:8000/mcp",
        """code --add-mcp '{"name":"workos-mcp-local","type":"http","url":"http://127.0.0.1:8000/mcp"}'""",
        "claude mcp login workos-mcp-local",
        "codex mcp add workos-mcp-local --url http://127.0.0.1:8000/mcp",
        "copilot mcp add --transport http workos-mcp-local http://127.0.0.1:8000/mcp",
        "opencode mcp add workos-mcp-local --url http://127.0.0.1:8000/mcp",
        "opencode mcp auth workos-mcp-local",
        '--transport http --header "Authorization: Bearer $(make -s token)" --method tools/list',
    ):
        assert any(line.endswith(command) for line in lines), command
    assert '{"mcpServers":{"workos-mcp-local":{"url":"http://127.0.0.1:8000/mcp"}}}' in page()


def test_the_page_says_how_to_call_a_tool_on_its_port() -> None:
    other = render_start_page(replace(ADDRESSES, base_url="http://127.0.0.1:8010"), SEED, colour=False)

    assert "make call TOOL=whoami; make list" in page()
    assert "make call TOOL=whoami PORT=8010; make list" in other


def test_the_page_says_which_name_of_this_machine_to_use() -> None:
    endpoint, hint = page().splitlines()[2:4]

    assert endpoint.endswith("http://127.0.0.1:8000/mcp")
    assert "another name of this machine, such as localhost" in hint


def test_the_page_says_when_clients_may_be_documents() -> None:
    on = render_start_page(replace(ADDRESSES, takes_documents=True), SEED, colour=False)

    assert ("CIMD" in page(), "  CIMD               on: " in on) == (False, True)


def test_each_user_is_listed_with_organisations_and_roles() -> None:
    users = [line.split("  ") for line in page().splitlines() if "@example.com" in line]

    assert [[part.strip() for part in parts if part] for parts in users] == [
        ["Ada Lovelace", "ada@example.com", "Engines (Admin), Compilers (Member, Auditor of books)"],
        ["Alan Turing", "alan@example.com", "no organization"],
    ]


def test_colour_is_there_only_where_it_is_wanted() -> None:
    assert "\x1b[" not in page()
    assert "\x1b[1mRunning\x1b[0m" in page(colour=True)


def test_the_inspector_of_the_page_is_the_one_that_is_tested() -> None:
    pinned = json.loads((ROOT / "tests/e2e/node/package.json").read_text())["dependencies"]

    assert f"npx @modelcontextprotocol/inspector@{pinned['@modelcontextprotocol/inspector']}" == INSPECTOR


def test_the_note_for_the_servers_page_names_the_same_people() -> None:
    assert parse_note(write_note(SEED)) == (
        "The local login asks for no password. Choose one of these people:",
        "Ada Lovelace, ada@example.com: Engines (Admin), Compilers (Member, Auditor of books)",
        "Alan Turing, alan@example.com: no organization",
    )


def test_a_note_on_many_people_is_as_long_as_the_setting_takes() -> None:
    many = tuple(User(f"u{number}", f"u{number}@example.com", "A|B", "C") for number in range(50))

    _, *people, last = parse_note(write_note(replace(SEED, users=many, memberships=())))

    assert people[0] == "A/B C, u0@example.com: no organization"
    assert last == f"{50 - len(people)} more are in infra/local/seed.toml."
    assert len(people) > 10
