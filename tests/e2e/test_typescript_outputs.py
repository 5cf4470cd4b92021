"""Clients made with the TypeScript SDK, and ajv at its strictest, take data of every type as written here."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.catalogues.outputs.kinds import KINDS
from tests.catalogues.outputs.misfits import MISFITS
from tests.e2e.clients import FOLDER, NODE, environment
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer

pytestmark = pytest.mark.e2e
Served = tuple[str, LoopbackIssuer]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with loopback_issuer() as vendor:
        gateway = create_gateway(vendor.settings, handler="tests.outputs_function", say=lambda line: None)
        with LoopbackServer(gateway) as server:
            yield f"{server.url}/mcp", vendor
            gateway.close()


RELEASES = [("v1", "legacy"), ("v2", "legacy"), ("v2", "auto")]


@pytest.mark.parametrize(("release", "mode"), RELEASES)
def test_no_result_is_thrown_away_by_a_client_that_checks_it(
    release: str, mode: str, served: Served, tmp_path: Path
) -> None:
    calls = [(name, {"place": place}) for name, (_, values) in KINDS.items() for place in range(len(values))]

    assert _refused(calls, release, mode, served, tmp_path) == []


@pytest.mark.parametrize(("release", "mode"), RELEASES)
def test_what_breaks_its_schema_reaches_the_client_as_a_tool_error(
    release: str, mode: str, served: Served, tmp_path: Path
) -> None:
    calls = [(name, {"place": place}) for name, (_, values) in MISFITS.items() for place in range(len(values))]

    refused = _refused(calls, release, mode, served, tmp_path)

    assert [(name, arguments) for name, arguments, _ in refused] == calls
    assert [
        why for *_, why in refused if not why.startswith("The tool has run, so do not simply call it again.")
    ] == []


def _refused(
    calls: list[tuple[str, Any]], release: str, mode: str, served: Served, tmp_path: Path
) -> list[tuple[str, Any, str]]:
    url, vendor = served
    command = [str(NODE), str(FOLDER / "check_outputs.mjs"), url, vendor.issuer.token(), release, mode]
    done = subprocess.run(
        command,
        check=False,
        input=json.dumps(calls),
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return [(name, arguments, why) for name, arguments, why in json.loads(done.stdout)]
