"""The table of docs/api-keys.md: what each kind of key is answered, why, and how often WorkOS is asked."""

import asyncio

import httpx2
import pytest

from tests.api_keys import KeyWorld
from tests.blocks import ROOT
from tests.issuer import BASE_URL
from tests.log import Log

OTHER_ENVIRONMENT = "sk_of_another_workos_environment"


SENT: dict[str, tuple[str, str]] = {
    "valid, of an organisation, with permissions": ("CI", ""),
    "valid, of an organisation, without permissions": ("Status page", ""),
    "valid, of a user, with permissions": ("Grace's notebook", ""),
    "valid, of a user, without permissions": ("Ada's script", ""),
    "the same valid key 100 times in a minute": ("CI", "CI " * 99),
    "revoked": ("Lost laptop", ""),
    "expired": ("Old CI", ""),
    "of another environment": ("", OTHER_ENVIRONMENT),
    "not a key at all": ("", "short"),
}

FLOOD = [
    ("10,000 unknown ones at once, the first 30", "401", "`api_key_refused`", "30"),
    ("10,000 unknown ones at once, the other 9,970", "503", "`api_key_flood`", "0"),
]


def measure(sent: str, log: Log) -> tuple[str, str, str, str]:
    """The row of one kind of key: what it is, the answers, the reasons in the log, the requests to WorkOS."""
    name, more = SENT[sent]
    world = KeyWorld.start()
    answers = [world.send(name) if name else world.rig.exchange("tools/list", token=more)]
    if name and more:
        answers += [world.send(name) for _ in range(99)]
    (status,) = {answer.status for answer in answers}
    reasons = sorted({line["reason"] for line in log("refused")})
    return sent, str(status), ", ".join(f"`{reason}`" for reason in reasons) or "none", str(world.requests)


@pytest.mark.parametrize("sent", SENT)
def test_each_kind_of_key_has_the_answer_of_the_table(sent: str, log: Log) -> None:
    assert measure(sent, log) in read_table()


def test_the_first_200_unknown_keys_are_answered_as_the_table_says() -> None:
    world = KeyWorld.start()
    sample = [world.rig.exchange("tools/list", token=f"sk_unknown_key_{number:06}") for number in range(200)]
    statuses = [answer.status for answer in sample]
    asked = world.requests

    assert (statuses.count(401), statuses.count(503), asked) == (30, 170, 30)
    assert statuses[30:] == [503] * 170
    assert read_table()[-2:] == FLOOD


@pytest.mark.broad
def test_10000_unknown_keys_are_answered_as_the_table_says_and_valid_ones_go_on() -> None:
    world = KeyWorld.start()
    before = world.send("CI").status
    statuses = [
        world.rig.exchange("tools/list", token=f"sk_unknown_key_{number:06}").status for number in range(10_000)
    ]
    within = world.send("CI").status
    world.rig.issuer.clock.now += 61
    flooded = [world.rig.exchange("tools/list", token=f"sk_more_unknown_{n:06}").status for n in range(100)]
    after = world.send("CI").status

    assert (before, within, after) == (200, 200, 200)
    assert (statuses.count(401), statuses.count(503)) == (30, 9970)
    assert (flooded.count(401), flooded.count(503)) == (30, 70)
    assert world.requests == 62
    assert read_table()[-2:] == FLOOD


def read_table() -> list[tuple[str, ...]]:
    page = (ROOT / "docs/api-keys.md").read_text()
    rows = page.partition("| key |")[2].partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]


def test_the_table_has_no_other_rows() -> None:
    assert [row[0] for row in read_table()] == [
        *SENT,
        *(row[0] for row in FLOOD),
    ]


@pytest.mark.parametrize("sent", ["Lost laptop", "Old CI"])
def test_a_refused_key_gets_the_challenge_of_a_refused_token(sent: str) -> None:
    world = KeyWorld.start()
    answer, of_token = world.send(sent), world.rig.exchange("tools/list", token="a.b.c")

    assert (answer.status, answer.json["error"]) == (401, "invalid_token")
    assert (answer.text, answer.challenge) == (of_token.text, of_token.challenge)
    assert f"{BASE_URL}/.well-known/oauth-protected-resource/mcp" in answer.challenge


def test_a_key_that_is_deleted_in_workos_lives_on_for_the_memory_and_no_longer() -> None:
    world = KeyWorld.start(api_key_memory_seconds=20)
    statuses = [world.send("CI").status]
    delete(world, "api_key_01LOCALCI0000000000000000")
    world.rig.issuer.clock.now += 19
    statuses.append(world.send("CI").status)
    world.rig.issuer.clock.now += 1
    statuses.append(world.send("CI").status)

    assert statuses == [200, 200, 401]


def delete(world: KeyWorld, id_: str) -> None:
    async def send() -> int:
        transport, key = httpx2.ASGITransport(world.api), world.seed.environment.api_key
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            return (await http.delete(f"/api_keys/{id_}", headers={"authorization": f"Bearer {key}"})).status_code

    assert asyncio.get_event_loop().run_until_complete(send()) == 204
