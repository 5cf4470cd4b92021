"""A token may be made of anything: a clear answer, and nobody is let in by one that the issuer did not sign."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events import http_api
from tests.hostile.neighbours import HOSTILE, Neighbours, claims_of, neighbours
from tests.hostile.runs import any_of
from tests.hostile.values import exchanged, finite, json_values
from tests.issuer import ISSUER, RESOURCE, Issuer, compact, stranger
from tests.rig import Rig, message

pytestmark = pytest.mark.broad

DEPTHS = [10, 100, 450, 900, 2000, 3000]


@pytest.fixture(scope="module")
def environment() -> Iterator[Neighbours]:
    with neighbours(Rig()) as environment:
        yield environment


def send(environment: Neighbours, token: str) -> int:
    headers, body = message("tools/call", {"name": "whoami", "arguments": {}})
    event = http_api("POST", "/mcp", {**headers, "authorization": f"Bearer {token}"}, body)
    answer = environment.attack(event, statuses=(503,))
    # 503 alone where a key id is not known and the issuer was asked a moment ago.
    assert answer.status in (200, 400, 401, 403, 503), answer
    return answer.status


def may_pass(header: Any, claims: Any, now: float) -> bool:
    """A loose reading of the token rules: what fails it must never pass."""
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return False
    audience = claims.get("aud")
    return (
        header.get("alg") == "RS256"
        and header.get("kid") == "key_1"
        and "crit" not in header
        and claims.get("iss") == ISSUER
        and (audience == RESOURCE or (isinstance(audience, list) and RESOURCE in audience))
        and all(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "client_id", "jti"))
        and isinstance(claims.get("exp"), int | float)
        and claims["exp"] > now - 31
    )


@any_of(300)
@given(st.data())
def test_tokens_that_the_issuer_signed(environment: Neighbours, data: st.DataObject) -> None:
    issuer = environment.rig.issuer
    parts: Any = {
        "header": {"alg": "RS256", "kid": "key_1", "typ": "JWT"},
        "claims": issuer.claims(**claims_of(HOSTILE)),
    }
    for _ in range(data.draw(st.integers(1, 3))):
        parts = finite(data.draw(exchanged(parts)))
    header, claims = (
        (parts.get(name) for name in ("header", "claims")) if isinstance(parts, dict) else (None, None)
    )
    token = compact(json.dumps(header).encode(), json.dumps(claims).encode(), issuer.keys["key_1"])

    status = send(environment, token)

    assert status != 200 or may_pass(header, claims, issuer.clock.now)
    environment.check_neighbour()


@any_of(150)
@given(st.data())
def test_tokens_that_nobody_signed(environment: Neighbours, data: st.DataObject) -> None:
    issuer = environment.rig.issuer
    good = issuer.token(**claims_of(HOSTILE))
    forged = data.draw(
        st.one_of(
            st.text(st.characters(codec="ascii"), max_size=60),
            st.integers(0, len(good) - 2).map(lambda place: _changed(good, place)),
            st.integers(0, len(good) - 1).map(lambda place: good[:place]),
            json_values.map(
                lambda value: compact(json.dumps(finite(value)).encode(), b"{}", issuer.keys["key_1"])
            ),
            st.just(issuer.sign(issuer.claims(), key=stranger())),
        )
    )

    assert send(environment, forged.replace("\r", "").replace("\n", "")) != 200
    environment.check_neighbour()


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("part", ["header", "claim", "claims"])
def test_tokens_that_are_nested(environment: Neighbours, part: str, depth: int) -> None:
    issuer = environment.rig.issuer
    deep = "[" * depth + "]" * depth
    header = f'{{"alg":"RS256","kid":"key_1","x":{deep}}}' if part == "header" else '{"alg":"RS256","kid":"key_1"}'
    plain = json.dumps(issuer.claims(**claims_of(HOSTILE)))
    claims = {"header": plain, "claim": f'{plain[:-1]},"x":{deep}}}', "claims": deep}[part]

    send(environment, compact(header.encode(), claims.encode(), issuer.keys["key_1"]))
    environment.check_neighbour()


def _changed(token: str, place: int) -> str:
    """With another letter there; the last one of a part may decode to the same bytes, so never that one."""
    letter = "A" if token[place] != "A" else "B"
    if token[place] == "." or token[place + 1] == ".":
        return token[:place] + "!" + token[place + 1 :]
    return token[:place] + letter + token[place + 1 :]


def test_the_loose_reading_takes_what_the_issuer_issues() -> None:
    issuer = Issuer()

    assert may_pass({"alg": "RS256", "kid": "key_1"}, deepcopy(issuer.claims()), issuer.clock.now)
