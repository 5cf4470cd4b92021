"""Clients made with the TypeScript SDK log in and use what is offered: v1, which most clients have, and v2."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.identity import IDENTITY
from tests.e2e.clients import FOLDER, NODE, environment, follow
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.e2e
# v1 knows the handshake alone.
RELEASES = [("v1", "legacy", "2025-11-25"), ("v2", "legacy", "2025-11-25"), ("v2", "auto", "2026-07-28")]


@pytest.fixture(scope="module", params=[True, False], ids=["challenge renamed", "challenge kept"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=request.param) as stack:
        yield stack


def said_to(stack: Stack, home: Path, release: str, mode: str) -> dict[str, Any]:
    """What the client was told, after a login by whoever it asks."""
    command = [str(NODE), str(FOLDER / "use_server.mjs"), stack.mcp_url, release, mode]
    with subprocess.Popen(
        command,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout is not None
        asked = client.stdout.readline()
        called_back = follow(json.loads(asked)["open"]) if asked else ""
        out, err = client.communicate(called_back + "\n", timeout=120)
    assert client.returncode == 0, err
    said: dict[str, Any] = json.loads(out)["said"]
    return said


@pytest.mark.parametrize(("release", "mode", "version"), RELEASES, ids=lambda part: part)
def test_a_client_of_the_typescript_sdk_logs_in_and_uses_what_is_offered(
    stack: Stack, tmp_path: Path, release: str, mode: str, version: str
) -> None:
    said = said_to(stack, tmp_path, release, mode)

    assert (said["version"], said["server"]) == (version, IDENTITY.name)
    assert {"whoami", "add_working_days"} <= set(said["tools"])
    assert ("server://about" in said["resources"], "introduce_me" in said["prompts"]) == (True, True)
    assert said["who"]["user_id"].startswith("user_01")
    assert said["who"]["organization_id"].startswith("org_01")
    assert said["days"] == {"day": "2026-11-23", "weekday": "Monday"}
    assert said["misfit"]["isError"]
    assert "start" in said["misfit"]["content"][0]["text"]
    assert said["about"].startswith("# About this server")
    assert said["who"]["user_id"] in said["introduction"]
    assert said["years"][0].startswith("202")
