"""Ask WorkOS' own emulator and the local WorkOS API the same, and print a table.

`python -m tests.infra.workos_api.emulator_comparison URL`, where the emulator runs at URL with the seed of
`make emulator-seed`. The table says for each question what the SDK makes of the two answers, and in what the
emulator's body is not as WorkOS' OpenAPI document says.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from workos import AsyncWorkOSClient, WorkOSError
from workos.audit_logs.models import (
    AuditLogEvent,
    AuditLogEventActor,
    AuditLogEventContext,
    AuditLogEventTarget,
    AuditLogSchemaTargetInput,
)

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.infra.workos_api.openapi import violations
from tests.infra.workos_api.rig import ADA, ENGINES

EMULATOR_KEY = "sk_test_default"
UNKNOWN = "user_01UNKNOWN"
EVENT = AuditLogEvent(
    action="mcp.tool_called",
    occurred_at=datetime(2026, 11, 30, tzinfo=UTC),
    actor=AuditLogEventActor(id=ADA, type="user"),
    targets=[AuditLogEventTarget(id="whoami", type="tool")],
    context=AuditLogEventContext(location="127.0.0.1"),
)
Ask = Callable[[AsyncWorkOSClient], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    template: str
    ask: Ask
    method: str = "GET"


@dataclass(slots=True)
class Recorder:
    """Keeps the last answer as it came, for the OpenAPI document."""

    answers: list[httpx2.Response] = field(default_factory=list)

    async def keep(self, response: httpx2.Response) -> None:
        await response.aread()
        self.answers.append(response)


def _user(path: str = "") -> str:
    return f"/user_management/users/{{id}}{path}"


QUESTIONS = [
    Question("the caller's user", _user(), lambda w: w.user_management.get_user(ADA)),
    Question("an unknown user", _user(), lambda w: w.user_management.get_user(UNKNOWN)),
    Question(
        "rename the caller",
        _user(),
        lambda w: w.user_management.update_user(ADA, first_name="Augusta"),
        "PUT",
    ),
    Question(
        "the caller's memberships (roles)",
        "/user_management/organization_memberships",
        lambda w: w.organization_membership.list_organization_memberships(
            user_id=ADA, organization_id=ENGINES, statuses=["active"]
        ),
    ),
    Question(
        "a role of the organisation (permissions)",
        "/authorization/organizations/{organizationId}/roles/{slug}",
        lambda w: w.authorization.get_organization_role(ENGINES, "member"),
    ),
    Question(
        "a role of the environment",
        "/authorization/roles/{slug}",
        lambda w: w.authorization.get_environment_role("member"),
    ),
    Question(
        "flags of the organisation",
        "/organizations/{organizationId}/feature-flags",
        lambda w: w.feature_flags.list_organization_feature_flags(ENGINES),
    ),
    Question(
        "flags of the user",
        "/user_management/users/{userId}/feature-flags",
        lambda w: w.feature_flags.list_user_feature_flags(ADA),
    ),
    Question("the organisation", "/organizations/{id}", lambda w: w.organizations.get_organization(ENGINES)),
    Question("all organisations", "/organizations", lambda w: w.organizations.list_organizations()),
    Question("connections", "/connections", lambda w: w.sso.list_connections(organization_id=ENGINES)),
    Question("directories", "/directories", lambda w: w.directory_sync.list_directories(organization_id=ENGINES)),
    Question(
        "an audit log event",
        "/audit_logs/events",
        lambda w: w.audit_logs.create_event(organization_id=ENGINES, event=EVENT),
        "POST",
    ),
    Question(
        "an audit log schema",
        "/audit_logs/actions/{actionName}/schemas",
        lambda w: w.audit_logs.create_schema("moon.seen", targets=[AuditLogSchemaTargetInput(type="moon")]),
        "POST",
    ),
    Question("audit log actions", "/audit_logs/actions", lambda w: w.audit_logs.list_actions()),
    Question("permissions", "/authorization/permissions", lambda w: w.authorization.list_permissions()),
    Question(
        "a new permission",
        "/authorization/permissions",
        lambda w: w.authorization.create_permission(slug="moon:read", name="Read the moon"),
        "POST",
    ),
    Question(
        "a permission that exists",
        "/authorization/permissions",
        lambda w: w.authorization.create_permission(slug="moon:read", name="Read the moon"),
        "POST",
    ),
    Question("roles", "/authorization/roles", lambda w: w.authorization.list_environment_roles()),
    Question(
        "a new role",
        "/authorization/roles",
        lambda w: w.authorization.create_environment_role(slug="auditor", name="Auditor"),
        "POST",
    ),
    Question("no JWT template", "/user_management/jwt_template", lambda w: w.user_management.list_jwt_template()),
    Question(
        "a JWT template",
        "/user_management/jwt_template",
        lambda w: w.user_management.update_jwt_template(content='{"role": {{ organization_membership.role }}}'),
        "PUT",
    ),
    Question(
        "a CORS origin",
        "/user_management/cors_origins",
        lambda w: w.user_management.create_cors_origin(origin="https://app.example.com"),
        "POST",
    ),
    Question(
        "a redirect URI",
        "/user_management/redirect_uris",
        lambda w: w.user_management.create_redirect_uri(uri="https://app.example.com/callback"),
        "POST",
    ),
    Question(
        "resource indicators",
        "/user_management/authkit_oauth_resources",
        lambda w: w.user_management.list_authkit_oauth_resources(),
    ),
    Question(
        "a machine application",
        "/connect/applications",
        lambda w: w.connect.create_m2m_application(name="Nightly", organization_id=ENGINES),
        "POST",
    ),
    Question(
        "what the user let in",
        "/user_management/users/{user_id}/authorized_applications",
        lambda w: w.user_management.list_user_authorized_applications(ADA),
    ),
    Question(
        "the user's sessions",
        "/user_management/users/{id}/sessions",
        lambda w: w.user_management.list_sessions(ADA),
    ),
    Question(
        "an unknown API key",
        "/api_keys/validations",
        lambda w: w.api_keys.create_validation(value="sk_unknown"),
        "POST",
    ),
    Question(
        "an account at an unknown provider (Pipes)",
        "/data-integrations/{slug}/token",
        lambda w: w.pipes.get_access_token("no-such-provider", user_id=ADA),
        "POST",
    ),
]


async def ask(url: str, key: str, question: Question) -> tuple[str, str]:
    """What the SDK makes of the answer, and what the OpenAPI document says against it."""
    recorder = Recorder()
    async with httpx2.AsyncClient(trust_env=False, event_hooks={"response": [recorder.keep]}) as http:
        client = AsyncWorkOSClient(
            api_key=key, client_id="client_x", base_url=url, http_client=http, max_retries=0, request_timeout=5
        )
        try:
            outcome = type(await question.ask(client)).__name__
        except WorkOSError as error:
            status = getattr(error, "status_code", None)
            outcome = f"{type(error).__name__} {status}" if status else "cannot be parsed"
    return outcome, _judge(question, recorder.answers[-1])


def _judge(question: Question, answer: httpx2.Response) -> str:
    try:
        found = violations(question.template, question.method, answer.status_code, answer.json())
    except (KeyError, ValueError):
        return "not in the document"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0]}{more}" if found else "as the document says"


async def compare(url: str, key: str = EMULATOR_KEY) -> list[tuple[str, str, str, str]]:
    """Each question with what came of it here and there, and the document's objections to the emulator."""
    seed = load_seed()
    rows = []
    with LoopbackServer(create_workos_api(seed)) as ours:
        for question in QUESTIONS:
            here, _ = await ask(ours.url, seed.environment.api_key, question)
            there, objections = await ask(url, key, question)
            rows.append((question.name, here, there, objections))
    return rows


if __name__ == "__main__":
    for row in asyncio.run(compare(sys.argv[1])):
        print(f"| {' | '.join(row)} |")
