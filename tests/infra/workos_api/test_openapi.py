"""Every answer of the stand-in is one that WorkOS's OpenAPI document allows.

The document (npm 0.1.0) has no `/user_management/authkit_oauth_resources`, no `/api_keys/{id}/expire` and no lists
of redirect URIs and CORS origins, and lacks the answers to a missing key or to most wrong parameters: those are
checked elsewhere.
"""

from typing import Any

import pytest

from tests.infra.workos_api.openapi import document, violations
from tests.infra.workos_api.rig import (
    ADA,
    ADA_AT_ENGINES,
    ENGINES,
    GRACE,
    HEDY_AT_COMPILERS,
    OKTA,
    REPORT_Q1,
    UNKNOWN,
    Api,
)

pytestmark = pytest.mark.e2e

MEMBERSHIPS = "/user_management/organization_memberships"
CHECK = "/authorization/organization_memberships/{organization_membership_id}/check"
EFFECTIVE = (
    "/authorization/organization_memberships/{organization_membership_id}/resources/{resource_id}/permissions"
)
EFFECTIVE_BY_NAME = EFFECTIVE.replace("{resource_id}", "{resource_type_slug}/{external_id}")
ORGANIZATION_ROLES = "/authorization/organizations/{organizationId}/roles"
GROUP = "directory_group_01LOCALANALYTICALOKTA00001"
PERSON = "directory_user_01LOCALANALYTICALOKTA00009"
SCHEMAS = "/audit_logs/actions/{actionName}/schemas"
MACHINE = "client_01LOCALMACHINE00000000000"
CONNECTION = "conn_01LOCALANALYTICALOKTA00000"
PROVIDERS = "/user_management/users/{user_id}/data_providers"
ACCOUNT = "/user_management/users/{user_id}/connected_accounts/{slug}"
TOKEN, AUTHORIZE = "/data-integrations/{slug}/token", "/data-integrations/{slug}/authorize"

READS = [
    ("/user_management/users", "", 200),
    ("/user_management/users", "?limit=0", 422),
    ("/user_management/users/{id}", ADA, 200),
    ("/user_management/users/{id}", "user_1", 404),
    ("/user_management/users/{user_id}/authorized_applications", ADA, 200),
    ("/user_management/users/{user_id}/authorized_applications", "user_1", 404),
    ("/user_management/users/{user_id}/authorized_applications", f"{ADA} ?limit=0", 422),
    ("/user_management/users/{id}/sessions", ADA, 200),
    ("/user_management/users/{id}/sessions", "user_1", 404),
    ("/user_management/users/{userId}/feature-flags", ADA, 200),
    ("/user_management/users/{userId}/feature-flags", "user_1", 404),
    ("/organizations", "", 200),
    ("/organizations", "?order=sideways", 422),
    ("/organizations/{id}", ENGINES, 200),
    ("/organizations/{id}", UNKNOWN, 404),
    ("/organizations/{organizationId}/feature-flags", ENGINES, 200),
    ("/organizations/{organizationId}/feature-flags", UNKNOWN, 404),
    (MEMBERSHIPS, f"?organization_id={ENGINES}", 200),
    (MEMBERSHIPS, "", 400),
    (MEMBERSHIPS, f"?user_id={ADA}&statuses=gone", 400),
    (MEMBERSHIPS, "?user_id=user_1", 404),
    (MEMBERSHIPS, f"?user_id={ADA}&limit=0", 422),
    (MEMBERSHIPS + "/{id}", ADA_AT_ENGINES, 200),
    (MEMBERSHIPS + "/{id}", HEDY_AT_COMPILERS, 200),
    (MEMBERSHIPS + "/{id}", "om_1", 404),
    ("/authorization/roles", "", 200),
    ("/authorization/roles/{slug}", "admin", 200),
    ("/authorization/roles/{slug}", "owner", 404),
    (ORGANIZATION_ROLES, ENGINES, 200),
    (ORGANIZATION_ROLES, UNKNOWN, 404),
    (ORGANIZATION_ROLES + "/{slug}", f"{ENGINES} member", 200),
    (ORGANIZATION_ROLES + "/{slug}", f"{ENGINES} owner", 404),
    ("/authorization/permissions", "", 200),
    ("/authorization/permissions/{slug}", "reports:read", 200),
    ("/authorization/permissions/{slug}", "reports:burn", 404),
    (EFFECTIVE, f"{ADA_AT_ENGINES} {REPORT_Q1}", 200),
    (EFFECTIVE, f"{ADA_AT_ENGINES} authz_resource_1", 404),
    (EFFECTIVE_BY_NAME, f"{ADA_AT_ENGINES} organization {ENGINES}", 200),
    (EFFECTIVE_BY_NAME, f"{ADA_AT_ENGINES} report report-c1", 404),
    (EFFECTIVE_BY_NAME, f"om_1 organization {ENGINES}", 404),
    ("/directories", "", 200),
    ("/directories/{id}", OKTA, 200),
    ("/directories/{id}", "directory_1", 404),
    ("/directory_users", f"?directory={OKTA}&limit=100", 200),
    ("/directory_users", f"?group={GROUP}", 200),
    ("/directory_users", "?directory=directory_1", 404),
    ("/directory_users", "", 422),
    ("/directory_users/{id}", PERSON, 200),
    ("/directory_users/{id}", "directory_user_1", 404),
    ("/directory_groups", f"?directory={OKTA}", 200),
    ("/directory_groups", "?user=directory_user_1", 404),
    ("/directory_groups", "", 422),
    ("/directory_groups/{id}", GROUP, 200),
    ("/directory_groups/{id}", "directory_group_1", 404),
    ("/connections", "", 200),
    ("/connections", "?connection_type=CarrierPigeon", 422),
    ("/connections/{id}", CONNECTION, 200),
    ("/connections/{id}", "conn_1", 404),
    (PROVIDERS, ADA, 200),
    (PROVIDERS, f"{ADA} ?organization_id={ENGINES}", 200),
    (PROVIDERS, "user_1", 404),
    (PROVIDERS, f"{ADA} ?organization_id={UNKNOWN}", 404),
    (ACCOUNT, f"{ADA} github", 200),
    (ACCOUNT, f"{ADA} notion", 404),
    (ACCOUNT, f"{ADA} carrier-pigeon", 404),
    (ACCOUNT, "user_1 github", 404),
    ("/user_management/jwt_template", "", 404),
    ("/connect/applications", "", 200),
    ("/connect/applications", f"?organization_id={ENGINES}", 200),
    ("/connect/applications", "?limit=0", 422),
    ("/connect/applications/{id}", MACHINE, 200),
    ("/connect/applications/{id}", "conn_app_1", 404),
    ("/connect/applications/{id}/client_secrets", MACHINE, 200),
    ("/connect/applications/{id}/client_secrets", "conn_app_1", 404),
    (SCHEMAS, "document.viewed", 200),
    (SCHEMAS, "document.burned", 404),
    (SCHEMAS, "document.viewed ?limit=0", 422),
    ("/organizations/{organizationId}/api_keys", ENGINES, 200),
    ("/organizations/{organizationId}/api_keys", UNKNOWN, 404),
    ("/user_management/users/{userId}/api_keys", GRACE, 200),
    ("/user_management/users/{userId}/api_keys", "user_1", 404),
    ("/audit_logs/actions", "", 200),
    ("/audit_logs/actions", "?limit=0", 422),
    ("/feature-flags", "", 200),
    ("/feature-flags", "?limit=0", 422),
    ("/feature-flags/{slug}", "dark-mode", 200),
    ("/feature-flags/{slug}", "light-mode", 404),
]

EVENT: dict[str, Any] = {
    "action": "document.viewed",
    "occurred_at": "2026-11-23T12:00:00.000Z",
    "actor": {"id": ADA, "type": "user"},
    "targets": [{"id": "notes", "type": "document"}],
    "context": {"location": "mcp"},
}
M2M = {"application_type": "m2m", "name": "Nightly", "organization_id": ENGINES}
WRITES = [
    ("PUT", "/user_management/users/{id}", ADA, {"first_name": "Augusta", "metadata": {"a": "b"}}, 200),
    ("PUT", "/user_management/users/{id}", ADA, {"locale": "?"}, 400),
    ("PUT", "/user_management/users/{id}", ADA, {"metadata": {"k" * 41: "v"}}, 400),
    ("PUT", "/user_management/users/{id}", ADA, {"first_name": 1}, 422),
    ("DELETE", "/user_management/users/{user_id}/authorized_applications/{application_id}", f"{ADA} x", None, 404),
    ("POST", TOKEN, "github", {"user_id": ADA}, 200),
    ("POST", TOKEN, "notion", {"user_id": ADA}, 200),
    ("POST", TOKEN, "github", {"user_id": ADA, "organization_id": UNKNOWN}, 400),
    ("POST", TOKEN, "github", {"user_id": "user_1"}, 404),
    ("POST", TOKEN, "carrier-pigeon", {"user_id": ADA}, 404),
    ("POST", AUTHORIZE, "github", {"user_id": ADA, "return_to": "https://mcp.example.com/connected"}, 200),
    ("POST", AUTHORIZE, "github", {"user_id": ADA, "organization_id": UNKNOWN}, 400),
    ("POST", AUTHORIZE, "carrier-pigeon", {"user_id": ADA}, 404),
    ("DELETE", ACCOUNT, f"{ADA} notion", None, 404),
    ("POST", "/user_management/sessions/revoke", "", {"session_id": "session_1"}, 400),
    ("POST", CHECK, ADA_AT_ENGINES, {"permission_slug": "report:view", "resource_id": REPORT_Q1}, 200),
    ("POST", CHECK, "om_1", {"permission_slug": "report:view", "resource_id": REPORT_Q1}, 404),
    ("POST", CHECK, ADA_AT_ENGINES, {"permission_slug": "report:view"}, 422),
    ("PUT", "/user_management/jwt_template", "", {"content": '{"role": {{ organization_membership.role }}}'}, 200),
    ("PUT", "/user_management/jwt_template", "", {"content": '{"iss": "x"}'}, 422),
    ("POST", "/authorization/permissions", "", {"slug": "a:b", "name": "A", "description": "for a"}, 201),
    ("POST", "/authorization/permissions", "", {"slug": "reports:read", "name": "Read"}, 409),
    ("POST", "/authorization/permissions", "", {"slug": "A b", "name": "A"}, 422),
    ("POST", "/authorization/permissions", "", {"slug": "a:b", "name": "A", "resource_type_slug": "moon"}, 404),
    ("POST", "/authorization/roles", "", {"slug": "auditor", "name": "Auditor"}, 201),
    ("POST", "/authorization/roles", "", {"slug": "admin", "name": "Admin"}, 409),
    ("POST", "/authorization/roles", "", {"slug": "auditor"}, 422),
    ("POST", "/authorization/roles/{slug}/permissions", "member", {"slug": "members:manage"}, 200),
    ("POST", "/authorization/roles/{slug}/permissions", "member", {"slug": "moon:read"}, 404),
    ("POST", "/user_management/redirect_uris", "", {"uri": "https://app.example.com/callback"}, 201),
    ("POST", "/user_management/redirect_uris", "", {"uri": "callback"}, 422),
    ("POST", "/user_management/cors_origins", "", {"origin": "https://app.example.com"}, 201),
    ("POST", "/user_management/cors_origins", "", {"origin": "https://app.example.com/path"}, 422),
    ("POST", "/connect/applications", "", M2M, 201),
    ("POST", "/connect/applications", "", M2M | {"organization_id": UNKNOWN}, 404),
    ("POST", "/connect/applications", "", M2M | {"name": ""}, 422),
    ("POST", "/connect/applications/{id}/client_secrets", MACHINE, {}, 201),
    ("POST", "/connect/applications/{id}/client_secrets", "conn_app_1", {}, 404),
    ("POST", SCHEMAS, "document.burned", {"targets": [{"type": "document"}]}, 201),
    ("POST", SCHEMAS, "document.burned", {"targets": []}, 422),
    ("POST", "/api_keys/validations", "", {"value": "sk_local_analytical_engines_ci"}, 200),
    ("POST", "/api_keys/validations", "", {"value": "sk_local_grace_hopper_notebook"}, 200),
    ("POST", "/api_keys/validations", "", {"value": "sk_nobody_has_this_one"}, 200),
    ("POST", "/api_keys/validations", "", {}, 422),
    ("DELETE", "/api_keys/{id}", "api_key_1", None, 404),
    ("POST", "/organizations/{organizationId}/api_keys", ENGINES, {"name": "CI"}, 201),
    ("POST", "/organizations/{organizationId}/api_keys", UNKNOWN, {"name": "CI"}, 404),
    ("POST", "/organizations/{organizationId}/api_keys", ENGINES, {}, 422),
    ("POST", "/user_management/users/{userId}/api_keys", ADA, {"name": "CI", "organization_id": ENGINES}, 201),
    (
        "POST",
        "/user_management/users/{userId}/api_keys",
        "user_1",
        {"name": "CI", "organization_id": ENGINES},
        404,
    ),
    ("POST", "/user_management/users/{userId}/api_keys", ADA, {"name": "CI"}, 422),
    ("POST", "/audit_logs/events", "", {"organization_id": ENGINES, "event": EVENT}, 200),
    ("POST", "/audit_logs/events", "", {"organization_id": ENGINES, "event": EVENT | {"action": "x"}}, 400),
    ("POST", "/audit_logs/events", "", {"organization_id": UNKNOWN, "event": EVENT}, 404),
    ("POST", "/audit_logs/events", "", {"organization_id": ENGINES, "event": {}}, 422),
]


def address(template: str, values: str) -> str:
    """The template with the values in their places, or with a query behind it."""
    if "{" not in template:
        return template + values
    for value in values.split():
        start, _, rest = template.partition("{")
        template = start + value + rest.partition("}")[2]
    return template


@pytest.mark.parametrize(("template", "values", "status"), READS)
def test_what_is_read_is_as_the_document_says(api: Api, template: str, values: str, status: int) -> None:
    api.let_in(ADA)
    api.pipes.connect("github", ADA, None)
    api.sessions.start(ADA, "a browser")
    answer = api.http.get(address(template, values))

    assert answer.status_code == status, answer.text
    assert violations(template, "GET", status, answer.json()) == []


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_is_answered_as_the_document_says(
    api: Api, write: tuple[str, str, str, object, int]
) -> None:
    method, template, values, body, status = write
    api.pipes.connect("github", ADA, None)
    answer = api.http.request(method, address(template, values), json=body)

    assert answer.status_code == status, answer.text
    assert violations(template, method, status, answer.json()) == []


def test_a_rate_limit_on_demand_is_the_one_of_the_document(api: Api) -> None:
    api.fail(path="/audit_logs", status=429)
    answer = api.http.post("/audit_logs/events", json={})

    assert violations("/audit_logs/events", "POST", 429, answer.json()) == []


def test_the_check_sees_what_is_wrong() -> None:
    wrong = {"object": "user", "id": ADA, "email": "a@example.com", "created_at": "yesterday"}
    found = " ".join(violations("/user_management/users/{id}", "GET", 200, wrong))

    assert "'first_name' is a required property" in found
    assert "'yesterday' is not a 'date-time'" in found


def test_the_document_still_lacks_what_is_checked_elsewhere() -> None:
    # Once it has them, they belong into the lists above.
    missing = {"/user_management/authkit_oauth_resources", "/api_keys/{id}/expire"}
    assert missing.isdisjoint(document()["paths"])
    paths = [document()["paths"][f"/user_management/{each}"] for each in ("redirect_uris", "cors_origins")]
    assert not [each for each in paths if "get" in each]
