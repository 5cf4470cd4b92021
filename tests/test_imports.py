"""What the function may load before it is needed: heavy SDKs stay out until a tool asks for them."""

import json
import subprocess
import sys

import pytest

from tests.team import ENVIRONMENT

SCRIPT = """
import json, sys
import app.handler
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def test_the_handler_loads_no_sdk_that_only_tools_need() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**ENVIRONMENT, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(json.loads(ran.stdout))
    assert loaded >= {"app", "fastapi", "mangum", "mcp"}
    assert loaded.isdisjoint({"workos", "boto3", "infra"})


@pytest.mark.broad
def test_importing_what_authors_import_loads_no_heavy_package() -> None:
    ran = _python("import json, sys, app.authoring; print(json.dumps([*sys.modules]))", {})

    assert ran.returncode == 0, ran.stderr
    assert set(json.loads(ran.stdout)).isdisjoint({"boto3", "httpx2", "mcp", "workos"})


def test_a_missing_setting_stops_the_start_with_its_name() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import app.handler"],
        env={"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "SettingsError: WORKOS_AUTHKIT_DOMAIN is not set" in ran.stderr


def _python(script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, env={**environment, "PYTHONPATH": "."}, capture_output=True, text=True, check=False
    )
