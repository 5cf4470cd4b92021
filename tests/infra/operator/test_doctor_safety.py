"""What the doctor keeps to itself, and what no server can do to it."""

from collections.abc import Iterator

import pytest

from infra.operator.doctor import main
from tests.infra.operator.world import World, world


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        yield healthy


def test_an_api_key_given_as_token_is_recognised_and_not_sent(healthy: World) -> None:
    healthy.environment["TOKEN"] = "sk_live_secret"

    finding = healthy.examine()["token"]

    assert finding.seen.startswith("a WorkOS API key, refused by `not_a_jwt`")
    assert "logging in at AuthKit" in finding.fix
    assert not [each for each in healthy.server.received if "sk_live" in str(each.headers)]


def test_the_operators_own_key_is_not_sent_even_where_keys_are_taken(healthy: World) -> None:
    own = "sk_live_secret_of_the_operator"
    healthy.environment |= {"TOKEN": own, "WORKOS_API_KEY": own, "ALLOW_API_KEYS": "true"}

    finding = healthy.examine()["token"]

    assert "the token was not sent" in finding.seen
    assert not [each for each in healthy.server.received if own in str(each.headers)]


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [(401, "invalid_token", "api_key_refused"), (503, "temporarily_unavailable", "api_key_unchecked")],
)
def test_an_answer_about_a_key_is_told_as_such(status: int, error: str, reason: str, healthy: World) -> None:
    healthy.environment |= {"TOKEN": "sk_example_of_a_customer", "ALLOW_API_KEYS": "true"}
    healthy.server.change("POST /mcp with token", status=status, body={"error": error})

    assert healthy.examine()["token"].reason == reason


def test_a_token_is_never_sent_in_the_clear_nor_an_api_key(healthy: World) -> None:
    healthy.url = "http://mcp.invalid/mcp"
    healthy.environment |= {"TOKEN": "e.e.e", "WORKOS_BASE_URL": "http://api.invalid"}

    findings = healthy.examine()

    assert "the API key stays here" in findings["indicator"].seen
    assert findings["url"].status == "fail"
    assert healthy.server.received == healthy.workos.received == []


def test_neither_redirects_nor_metadata_lead_the_token_astray(healthy: World) -> None:
    healthy.environment["TOKEN"] = "secret.secret.secret"
    healthy.server.change("POST /mcp", status=307, headers={"location": f"{healthy.workos.url}/mcp"})
    healthy.server.change("POST /mcp with token", status=307, headers={"location": f"{healthy.workos.url}/mcp"})

    healthy.examine()

    heard = [f"{each.path} {each.headers} {each.body!r}" for each in healthy.workos.received]
    assert heard
    assert not [each for each in heard if "secret" in each]


def test_control_characters_of_a_server_never_reach_the_terminal(
    healthy: World, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "https://\x1b[2J\x07.example\n/mcp"
    healthy.change_metadata(resource=hostile, authorization_servers=["https://\x1b]0;owned\x07.invalid"])

    main({"URL": healthy.url, "PATIENCE": "1"}, [])

    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\x07" not in printed


@pytest.mark.matrix
@pytest.mark.parametrize("body", [b"[]", b"null", b"[" * 100_000, b"\xff", b'{"resource": 1}', b"x" * 2_000_000])
def test_no_document_can_break_the_report(body: bytes, healthy: World) -> None:
    for site in (healthy.server, healthy.workos):
        for where in site.answers:
            site.change(where, body=body)
    healthy.environment["TOKEN"] = "e30.e30.AAAA"

    assert len(healthy.examine()) == 25
