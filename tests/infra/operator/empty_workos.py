"""A WorkOS environment in which nothing is set up, with the server of this project beside it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.operator.provision import main
from tests.e2e.stack import Stack, running

KEY = load_seed().environment.api_key
ENGINES = "org_01LOCALANALYTICALENGINES00"
ALL = {
    "AUDIT_LOG_ACTION": "mcp.tool_called",
    "AUDIT_LOG_ACTIONS": "document.viewed moon.seen:moon+star",
    "ALLOWED_ORIGINS": "https://app.example.com vscode-file://vscode-app",
    "REDIRECT_URIS": "https://app.example.com/callback",
    "MACHINE": "Nightly",
    "ORG": ENGINES,
}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
ADA = "user_01LOCALADALOVELACE0000000"
GRACE = "user_01LOCALGRACEHOPPER0000000"


@dataclass
class EmptyWorkOS:
    stack: Stack
    capture: pytest.CaptureFixture[str]
    secrets: list[str]
    """What was shown on the terminal beside the report."""

    @property
    def environment(self) -> dict[str, str]:
        url = self.stack.authkit_url
        return {"URL": self.stack.mcp_url, "EXAMPLES": "1", "WORKOS_API_KEY": KEY, "WORKOS_BASE_URL": url}

    def provision(self, **variables: str) -> tuple[int, list[dict[str, str]]]:
        """The exit status and the findings."""
        self.capture.readouterr()
        status = main({**self.environment, "JSON": "1", **variables}, show=self.secrets.append)
        printed = self.capture.readouterr()
        found: list[dict[str, str]] = json.loads(printed.out)["findings"]
        return status, found

    def changes(self, **variables: str) -> dict[str, list[str]]:
        """What it changes or would change, by step."""
        found: dict[str, list[str]] = {}
        for each in self.provision(**variables)[1]:
            if each["status"] == "change":
                found.setdefault(each["check"], []).append(each["seen"])
        return found

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Do by hand what somebody does in the dashboard."""
        with self._client(self.stack.authkit_url, KEY) as client:
            answer = client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def state(self) -> str:
        """All that WorkOS knows of what the steps are about."""
        paths = [
            *(f"/user_management/{each}" for each in ("authkit_oauth_resources", "redirect_uris", "cors_origins")),
            *(f"/authorization/{each}" for each in ("permissions", "roles")),
            *("/audit_logs/actions", "/connect/applications", "/user_management/jwt_template"),
        ]
        return json.dumps([self.ask("GET", path) for path in paths])

    def fail(self, **failure: object) -> None:
        self.stack.hook("POST", "failures", failure)

    def call(self, tool: str, user: str = GRACE) -> dict[str, Any]:
        """Call a tool without arguments, with a token of the local AuthKit."""
        token = self.stack.token(user=user, organization=ENGINES, resource=self.stack.mcp_url)
        with self._client(self.stack.base_url, token) as client:
            answer = client.post(
                "/mcp",
                json={
                    "jsonrpc": "2.0",
                    "id": 1,
                    "method": "tools/call",
                    "params": {"name": tool, "arguments": {}},
                },
                headers={"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"},
            )
        document: dict[str, Any] = answer.json()
        return document

    @staticmethod
    def _client(url: str, token: str) -> httpx2.Client:
        return httpx2.Client(base_url=url, trust_env=False, headers={"authorization": f"Bearer {token}"})


def empty_seed() -> Seed:
    """People and organisations, whose roles carry nothing; no audit log action, no template."""
    seed = load_seed()
    roles = tuple(replace(each, permissions=()) for each in seed.roles)
    return replace(seed, roles=roles, audit_log_actions=(), resource_grants=(), template_claims=())


def seen(findings: list[dict[str, str]], check: str) -> list[tuple[str, str]]:
    return [(each["status"], each["seen"]) for each in findings if each["check"] == check]


@contextmanager
def empty_workos(
    folder: Path, capture: pytest.CaptureFixture[str], settings: Mapping[str, str] | None = None
) -> Iterator[EmptyWorkOS]:
    with running(folder, seed=empty_seed(), register=False, settings=settings) as stack:
        yield EmptyWorkOS(stack, capture, [])
