"""The doctor's reason for a refused token is the server's own, whatever the token is."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from infra.operator.finding import Status
from tests.blocks import ROOT
from tests.e2e.stack import Stack, running
from tests.infra.operator.minting import CLIENT_ID, MACHINE, Minting
from tests.infra.operator.page import FILE, sample, token_row
from tests.infra.operator.refused_tokens import SERVERS, TOKENS, Refused, ask_doctor

pytestmark = pytest.mark.broad

Servers = dict[str, Minting]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stacks:
        started = {}
        for name, settings in SERVERS.items():
            folder = tmp_path_factory.mktemp("authkit")
            started[name] = Minting(stacks.enter_context(running(folder, settings=settings)), folder)
        yield started


def logged_reason(stack: Stack) -> str:
    """Of the newest refusal, in a line of the log or in its short form."""
    found = [
        re.search(r'^  refused \d+ (\w+)$|"message":"refused".*"reason":"(\w+)"', line) for line in stack.lines
    ]
    newest = [each for each in found if each][-1]
    return newest[1] or newest[2]


@pytest.mark.parametrize("case", TOKENS, ids=lambda case: case.name)
def test_the_reason_is_the_one_that_the_server_logs_and_no_part_of_the_token_is_shown(
    case: Refused, servers: Servers
) -> None:
    minting = servers[case.server]
    token = case.make(minting)

    finding = ask_doctor(minting.stack, token, **case.environment)

    assert finding.status is Status.FAIL
    assert (finding.reason, logged_reason(minting.stack)) == (case.reason, case.reason)
    assert case.family in finding.seen
    assert case.fix in finding.fix
    assert token_row(case, finding, minting.stack) in FILE.read_text(), "make docs/doctor.md again"
    assert not [part for part in re.split(r"[.,]", token) if len(part) > 8 and part in finding.seen + finding.fix]


def test_every_reason_that_a_token_can_have_is_among_the_cases() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs/refusals.md").read_text(), re.MULTILINE))
    elsewhere = {"no_token", "origin", "keys_unavailable", "api_key_unchecked", "api_key_flood"}

    assert {case.reason for case in TOKENS} == documented - elsewhere


def test_a_token_that_is_accepted_passes(servers: Servers) -> None:
    finding = ask_doctor(servers["plain"].stack, servers["plain"].access())

    assert (finding.status, finding.seen) == (Status.PASS, "a Connect user token, accepted")


@pytest.mark.parametrize("written", ["Bearer {}", "bearer  {}\n", "  {}  "])
def test_what_is_pasted_along_with_a_token_does_no_harm(written: str, servers: Servers) -> None:
    assert ask_doctor(servers["plain"].stack, written.format(servers["plain"].access())).status is Status.PASS


def test_a_machine_token_passes_where_machines_may_call(servers: Servers) -> None:
    minting = servers["machines"]
    blind = ask_doctor(minting.stack, minting.access(machine=True))
    told = ask_doctor(minting.stack, minting.access(machine=True), ALLOW_MACHINE_TOKENS="1")

    assert blind.status is told.status is Status.PASS
    assert "ALLOW_MACHINE_TOKENS is on there" in blind.seen
    assert told.seen == "a Connect M2M token, accepted"
    assert MACHINE.client_secret not in str(blind)


def test_an_api_key_passes_where_keys_may_call_and_stays_here_unless_that_is_said(servers: Servers) -> None:
    stack, key = servers["keys"].stack, "sk_local_analytical_engines_ci"
    told = ask_doctor(stack, key, ALLOW_API_KEYS="true")
    blind = ask_doctor(stack, key)
    own = ask_doctor(stack, "sk_test_local_key_of_the_server", ALLOW_API_KEYS="1", WORKOS_API_KEY=key)

    assert (told.status, told.seen) == (Status.PASS, "a WorkOS API key, accepted")
    assert (blind.status, blind.reason) == (Status.FAIL, "not_a_jwt")
    assert "the token was not sent" in blind.seen
    assert own.reason == "api_key_refused"


def test_a_legacy_audience_that_the_server_accepts_is_told_as_such(servers: Servers) -> None:
    finding = ask_doctor(servers["by client"].stack, servers["by client"].access(audience=CLIENT_ID))

    assert finding.status is Status.PASS
    assert "TOKEN_AUDIENCE there is not resource" in finding.seen


@pytest.mark.parametrize(
    ("content", "said", "unsaid"),
    [
        ('{"aud": "https://b.example/mcp"}', "this environment's JWT template replaces aud", "log in at"),
        ('{"role": {{ organization_membership.role }}}', "the token is for another server", "JWT template"),
        ("", "the token is for another server", "JWT template"),
    ],
)
def test_with_an_api_key_the_doctor_knows_whether_the_jwt_template_is_to_blame_for_aud(
    content: str, said: str, unsaid: str, servers: Servers
) -> None:
    minting = servers["plain"]
    token = minting.access(audience="https://b.example/mcp")
    minting.use_template(content)

    finding = ask_doctor(
        minting.stack, token, WORKOS_API_KEY="sk_test_local", WORKOS_BASE_URL=minting.stack.authkit_url
    )

    minting.use_template("")
    assert finding.reason == "audience"
    assert said in finding.seen
    assert unsaid not in finding.seen + finding.fix
    assert ("take aud out" in finding.fix) is ('"aud"' in content)


def test_without_a_usable_api_key_the_doctor_names_both_causes_of_a_foreign_aud(servers: Servers) -> None:
    minting = servers["plain"]
    token = minting.access(audience="https://b.example/mcp")

    finding = ask_doctor(
        minting.stack, token, WORKOS_API_KEY="sk_wrong", WORKOS_BASE_URL=minting.stack.authkit_url
    )

    assert "for another server, or a JWT template replaces aud" in finding.seen
    assert "log in at" in finding.fix
    assert "take aud out of the JWT template" in finding.fix


def test_a_refusal_that_no_visible_rule_explains_sends_to_the_log(servers: Servers) -> None:
    finding = ask_doctor(servers["by client"].stack, servers["by client"].access())

    assert finding.status is Status.FAIL
    assert "breaks no rule that can be seen from outside" in finding.seen
    assert "TOKEN_AUDIENCE" in finding.fix


def test_the_sample_of_the_page_is_what_the_command_prints(servers: Servers) -> None:
    assert sample(servers["plain"]) in FILE.read_text(), "make docs/doctor.md again"
