"""What a team has set for the tests in [tool.team] of pyproject.toml."""

import tomllib
from pathlib import Path
from typing import Any

from tests.blocks import ROOT
from tests.issuer import BASE_URL, CLIENT_ID, ISSUER

FIXTURES = Path(__file__).parent / "fixtures"
"""Files of the tests' own in the place of those that a team changes: stages and people."""
TEAM: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"].get("team", {})
TEAM_ENVIRONMENT: dict[str, str] = TEAM.get("test-environment", {})
"""Values of the settings of the team's own tools, without which app.handler may not start."""
WORKER = {"WORKER_FUNCTION": "worker:live", "REQUEST_STATE_KEY": "a" * 43}
"""What a server needs as soon as one tool of the team works in the background. No such function is there."""
ENVIRONMENT = {
    "WORKOS_AUTHKIT_DOMAIN": ISSUER,
    "WORKOS_CLIENT_ID": CLIENT_ID,
    "BASE_URL": BASE_URL,
    **WORKER,
    **TEAM_ENVIRONMENT,
}
"""The least that app.handler needs."""
