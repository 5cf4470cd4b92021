"""How long answers hold and for whom (SEP-2549): which methods say it, in which era."""

from typing import Any

import pytest

from examples import prompts, resources
from tests.catalogues import many
from tests.rig import HANDSHAKE_VERSIONS, MODERN, Rig

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "client", "version": "1"},
}
REF = {"type": "ref/prompt", "name": "introduce_me"}
CACHED: list[tuple[str, dict[str, Any], int]] = [
    ("server/discover", {}, 300_000),
    ("tools/list", {}, 300_000),
    ("prompts/list", {}, 300_000),
    ("resources/list", {}, 300_000),
    ("resources/templates/list", {}, 300_000),
    ("resources/read", {"uri": "server://about"}, 3_600_000),
    ("resources/read", {"uri": "calendar://2026/working-days"}, 86_400_000),
]
NEVER: list[tuple[str, dict[str, Any]]] = [
    ("tools/call", {"name": "depends", "arguments": {}}),
    ("prompts/get", {"name": "introduce_me", "arguments": {}}),
    ("completion/complete", {"ref": REF, "argument": {"name": "answers", "value": ""}}),
]
"""What these answer is of one call."""
LEGACY = [*[(method, params) for method, params, _ in CACHED if method != "server/discover"], *NEVER]


@pytest.fixture(scope="module")
def rig() -> Rig:
    """What nobody has to look up a caller's rights for: that would make lists hold for less."""
    return Rig(tools=many, prompts=prompts, resources=resources)


@pytest.mark.parametrize(("method", "params", "ttl_ms"), CACHED)
def test_a_modern_answer_that_may_be_kept_says_how_long_and_that_it_is_the_callers(
    method: str, params: dict[str, Any], ttl_ms: int, rig: Rig
) -> None:
    result = rig.exchange(method, params, token=rig.issuer.token(exp=rig.issuer.clock.now + 600)).json["result"]

    assert (result["ttlMs"], result["cacheScope"], result["resultType"]) == (ttl_ms, "private", "complete")


@pytest.mark.parametrize(("method", "params"), NEVER)
def test_a_modern_answer_of_one_call_says_nothing_of_it(method: str, params: dict[str, Any], rig: Rig) -> None:
    result = rig.exchange(method, params).json["result"]

    assert not {"ttlMs", "cacheScope"} & set(result)
    assert result["resultType"] == "complete"


@pytest.mark.matrix("version")
@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
@pytest.mark.parametrize(("method", "params"), [*LEGACY, ("initialize", INITIALIZE), ("ping", {})])
def test_an_answer_of_the_2025_era_has_none_of_the_later_fields(
    method: str, params: dict[str, Any], version: str, rig: Rig
) -> None:
    result = rig.exchange(method, params, version=version).json["result"]

    assert not {"ttlMs", "cacheScope", "resultType", "_meta"} & set(result)


def test_a_2025_client_is_not_offered_discover_and_a_modern_one_not_initialize(rig: Rig) -> None:
    for method, version in [("server/discover", "2025-11-25"), ("initialize", MODERN), ("ping", MODERN)]:
        assert rig.exchange(method, INITIALIZE, version=version).json["error"]["code"] == -32601
