"""Every shipped tool by every kind of caller: what their list shows, and what a call is answered."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.protocol.catalogue.catalogue import collect_tools
from examples import resources as example_resources
from infra.local.seed.load import load_seed
from tests.access.world import ADA, CALLERS, COMPILERS, ENGINES, KATHERINE, World, running
from tests.issuer import ABSENT
from tests.log import Log
from tests.rig import ERAS, EXAMPLES

pytestmark = pytest.mark.matrix("version")

# "ok": listed and served. ".": not listed, and answered as if it did not exist.
# "scope": listed, a call is a 403 that makes the client step up. Anything else: listed, denied for this reason.
TABLE = """
tool                    admin member both  other auditor nowhere machine robot  actor no-email as-admin as-nobody
add_working_days        ok    ok     ok    ok    ok      ok      ok      ok     ok    ok       ok       ok
delete_note             ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
disconnect              ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
export_reports          ok    ok     flag  flag  flag    perm    person  person ok    ok       ok       perm
keep_note               ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
list_directory_groups   ok    ok     ok    ok    ok      org     ok      ok     ok    ok       ok       ok
list_members            ok    perm   ok    perm  perm    perm    person  person ok    ok       ok       perm
list_my_connections     ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
list_my_organizations   ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
list_my_repositories    ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
list_reports            ok    ok     ok    ok    ok      .       ok      ok     ok    ok       ok       .
list_sso_connections    ok    .      ok    .     .       .       ok      ok     ok    ok       ok       .
my_access               ok    ok     ok    ok    ok      ok      ok      ok     ok    ok       ok       ok
my_organization         ok    ok     ok    ok    ok      org     ok      ok     ok    ok       ok       ok
my_profile              ok    ok     ok    ok    ok      ok      .       .      ok    scope    ok       ok
read_report             ok    ok     check check check   .       .       .      ok    ok       ok       .
record_document_view    ok    ok     ok    ok    ok      org     ok      ok     ok    ok       ok       ok
rename_me               ok    ok     ok    ok    ok      ok      .       .      ok    ok       ok       ok
search_directory_users  ok    ok     ok    ok    ok      org     ok      ok     ok    ok       ok       ok
show_reports            ok    ok     ok    ok    ok      .       .       .      ok    ok       ok       .
whoami                  ok    ok     ok    ok    ok      ok      ok      ok     ok    ok       ok       ok
"""

ARGUMENTS: dict[str, dict[str, Any]] = {
    "add_working_days": {"start": "2026-11-20"},
    # Nobody has an account there to end.
    "disconnect": {"provider": "notion"},
    "keep_note": {"note": "Call Charles"},
    "read_report": {"report_id": "report-q1"},
    "record_document_view": {"document_id": "doc_1"},
    "rename_me": {"first_name": "Augusta", "last_name": "King"},
    "search_directory_users": {"text": "allen"},
}
IDENTITIES: dict[str, dict[str, Any]] = {
    "admin": CALLERS["ada"],
    "member": CALLERS["grace"],
    "both": CALLERS["grace at compilers"],
    "other": CALLERS["katherine"],
    "auditor": CALLERS["hedy"],
    "nowhere": CALLERS["alan"],
    "machine": CALLERS["machine"],
    "robot": CALLERS["machine of compilers"],
    # Somebody of WorkOS's dashboard acts as Ada: her rights, and the record names both.
    "actor": {**CALLERS["ada"], "act": {"sub": "support@example.com"}},
    "no-email": {**CALLERS["ada"], "scope": "openid"},
    # Tokens with template claims, which are believed: a member as administrator, an administrator as nobody.
    "as-admin": {
        **CALLERS["grace"],
        "roles": ["admin"],
        "permissions": ["reports:read", "members:manage"],
        "feature_flags": ["report-export"],
    },
    "as-nobody": {**CALLERS["ada"], "roles": [], "permissions": [], "feature_flags": []},
}
SHORT = {
    "missing_permission": "perm",
    "missing_flag": "flag",
    "missing_scope": "scope",
    "no_organization": "org",
    "wrong_caller": "person",
    "check_failed": "check",
}

HEAD, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(line[0], who, cell) for line in LINES for who, cell in zip(HEAD[1:], line[1:], strict=True)]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, running(patch, EXAMPLES, example_resources) as world:
        yield world


def cell(world: World, log: Log, tool: str, who: str, version: str) -> str:
    """What the table says of it, as observed."""
    token = world.rig.issuer.token(**IDENTITIES[who])
    listed = world.rig.exchange("tools/list", version=version, token=token).json["result"]["tools"]
    params = {"name": tool, "arguments": ARGUMENTS.get(tool, {})}
    answer = world.rig.exchange("tools/call", params, version=version, token=token)
    if not any(each["name"] == tool for each in listed):
        unknown = world.rig.exchange("tools/call", {**params, "name": "nothing"}, version=version, token=token)
        return "." if (answer.status, answer.text) == (unknown.status, unknown.text) else "hidden, but not quite"
    record = log("exchange")[-1]
    if answer.status == 200 and not answer.json["result"]["isError"]:
        return "ok"
    return SHORT.get(record.get("reason", ""), answer.text)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(("tool", "who", "expected"), CELLS, ids=[f"{tool}-{who}" for tool, who, _ in CELLS])
def test_every_tool_by_every_caller(
    tool: str, who: str, expected: str, *, version: str, world: World, log: Log
) -> None:
    assert cell(world, log, tool, who, version) == expected


def test_the_table_has_every_shipped_tool(world: World) -> None:
    # Those that work in the background need an engine: tests/examples/test_year_report.py.
    in_calls = [each.name for each in collect_tools(*EXAMPLES) if not each.metadata.background]
    assert [line[0] for line in LINES] == in_calls
    assert HEAD[1:] == list(IDENTITIES)


ORGANIZATIONS = {who: claims.get("org_id") for who, claims in IDENTITIES.items()}
FOREIGN = {
    # what only the other organisation has, in no answer to anybody of this one
    ENGINES: ("Compiler", "compiler", "Katherine", KATHERINE, "report-c1", "AzureSAML"),
    COMPILERS: ("Analytical", "analytical", "Lovelace", ADA, "Bernoulli", "card jam", "OktaSAML", "Annie"),
}
OTHER = {ENGINES: COMPILERS, COMPILERS: ENGINES}
PROBES: dict[str, list[dict[str, Any]]] = {
    "read_report": [{"report_id": "report-c1"}, {"report_id": "report-q1"}],
    "search_directory_users": [{"text": "example.com", "limit": 50}, {"text": "a"}],
}
# Grace belongs to both, and this tool says so.
TOLD = {("list_my_organizations", who) for who in ("member", "both", "as-admin")}
TENANTS = [
    (line[0], who)
    for line in LINES
    for who in IDENTITIES
    if ORGANIZATIONS[who] in FOREIGN and who != "no-email" and (line[0], who) not in TOLD
]


@pytest.mark.matrix("tool")
@pytest.mark.parametrize(("tool", "who"), TENANTS, ids=[f"{tool}-{who}" for tool, who in TENANTS])
def test_nobody_reads_another_organisations_data_with_any_tool(tool: str, who: str, world: World) -> None:
    token, own = world.rig.issuer.token(**IDENTITIES[who]), str(ORGANIZATIONS[who])
    other = OTHER[own]

    for probe in PROBES.get(tool, [{}]):
        # As a caller would try who read the names of WorkOS's parameters.
        named = {"organization_id": other, "organization": other, "org_id": other, "tenant": other}
        arguments = {**ARGUMENTS.get(tool, {}), **probe, **named}
        answer = world.rig.exchange("tools/call", {"name": tool, "arguments": arguments}, token=token)
        assert answer.status == 200 or answer.json["error"]["code"] == -32602  # hidden from this caller
        for foreign in FOREIGN[own]:
            assert foreign not in answer.text


def test_the_record_names_who_acts_as_somebody_else(world: World, log: Log) -> None:
    world.rig.call("whoami", token=world.rig.issuer.token(**IDENTITIES["actor"]))

    (line,) = log("exchange")
    assert (line["user_id"], line["impersonator"]) == (ADA, "support@example.com")


def test_the_identities_are_all_of_the_seed() -> None:
    seed = load_seed()
    logins = {(each.user, each.organization) for each in seed.memberships if each.status == "active"}
    strangers = {(user.id, ABSENT) for user in seed.users if not seed.active_memberships(user.id)}
    machines = {(each.client_id, each.organization) for each in seed.machines}

    assert {(who["sub"], who["org_id"]) for who in IDENTITIES.values()} == logins | strangers | machines
