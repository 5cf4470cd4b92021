"""Put the local WorkOS API together. Only this file imports all of its parts."""

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from infra.local.authkit.access import LoopbackOnly
from infra.local.authkit.authorizations import Authorizations
from infra.local.authkit.errors import OAuthError, answer_oauth_error
from infra.local.authkit.expiring import Clock
from infra.local.authkit.hooks import Endpoint, guarded
from infra.local.authkit.machines import Machines
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.sessions import Sessions
from infra.local.jwt_template import JwtTemplate
from infra.local.pipes.pipes import Pipes
from infra.local.seed.rows import Seed
from infra.local.workos_api.api_key import ApiKeyRequired
from infra.local.workos_api.api_keys import ApiKeys
from infra.local.workos_api.audit_log_schemas import AuditLogSchemas
from infra.local.workos_api.audit_logs import AuditLogs
from infra.local.workos_api.authorization_checks import AuthorizationChecks
from infra.local.workos_api.browser_addresses import BrowserAddresses
from infra.local.workos_api.connected_accounts import ConnectedAccountEndpoints
from infra.local.workos_api.connections import Connections
from infra.local.workos_api.data_integrations import DataIntegrations
from infra.local.workos_api.directories import Directories
from infra.local.workos_api.errors import ApiError, UnknownRoutes, answer_api_error
from infra.local.workos_api.failure_hook import FailureHook
from infra.local.workos_api.failures import Failing, Failures
from infra.local.workos_api.feature_flags import FeatureFlags
from infra.local.workos_api.jwt_templates import JwtTemplates
from infra.local.workos_api.machine_applications import MachineApplications
from infra.local.workos_api.memberships import Memberships
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.permissions import Permissions
from infra.local.workos_api.request_ids import RequestIds
from infra.local.workos_api.resource_indicators import IndicatorEndpoints
from infra.local.workos_api.roles import Roles
from infra.local.workos_api.user_grants import UserGrants
from infra.local.workos_api.users import Users

AUDIT_LOG_HOOK = "/_local/audit-logs/events"
FAILURE_HOOK = "/_local/failures"


def create_workos_api(
    seed: Seed,
    *,
    indicators: ResourceIndicators | None = None,
    template: JwtTemplate | None = None,
    authorizations: Authorizations | None = None,
    sessions: Sessions | None = None,
    machines: Machines | None = None,
    pipes: Pipes | None = None,
    clock: Clock = time.time,
    say: Callable[[str], None] = lambda line: None,
) -> Starlette:
    """Make a local WorkOS API with the data of the seed. Changes through the API end with a restart.

    Args:
        indicators: the resource indicators that the local AuthKit issues tokens for.
        template: the JWT template that the local AuthKit renders; by default the one of the seed.
        authorizations: the applications that users let in at the local AuthKit.
        sessions: the sessions that began there.
        machines: the machine applications that it gives tokens to.
        pipes: what users connected; by default nothing, and there are no pages to connect more.
        say: gets a line for each request that the stand-in cannot answer.

    Raises:
        TemplateError: if no JWT template can add the claims of the seed.
    """
    if indicators is None:
        indicators = ResourceIndicators((), seed.environment.client_id, clock)
    users, organizations, failures = Users(seed, clock), Organizations(seed), Failures()
    memberships = Memberships(seed, users, organizations)
    schemas, permissions = AuditLogSchemas(seed, clock), Permissions(seed, clock)
    roles = Roles(seed, organizations, permissions, clock)
    applications = MachineApplications(machines or Machines(seed, clock), organizations)
    # Without an AuthKit beside it nobody grants anything.
    authorizations = authorizations or Authorizations(None, lambda _: None, clock)
    grants = UserGrants(users, authorizations, sessions or Sessions(clock))
    pipes = pipes or Pipes.read(seed, None, clock)
    templates = JwtTemplates(template or JwtTemplate(seed.template_claims), clock)
    return Starlette(
        routes=[
            *_user_routes(users, memberships),
            *_grant_routes(grants),
            *_pipes_routes(DataIntegrations(pipes, users), ConnectedAccountEndpoints(pipes, users, organizations)),
            *_organization_routes(organizations),
            *_role_routes(roles, permissions),
            *_check_routes(AuthorizationChecks(seed, memberships, roles, permissions)),
            *_directory_routes(Directories(seed)),
            *_connection_routes(Connections(seed)),
            *_flag_routes(FeatureFlags(seed, users, organizations)),
            *_indicator_routes(IndicatorEndpoints(indicators)),
            *_application_routes(applications),
            *_address_routes(BrowserAddresses(clock)),
            *_api_key_routes(ApiKeys(seed, users, organizations, permissions, clock)),
            _route("GET", "/user_management/jwt_template", templates.get),
            _route("PUT", "/user_management/jwt_template", templates.update),
            *_audit_log_routes(AuditLogs(schemas, organizations, clock), schemas),
            *_failure_routes(FailureHook(failures)),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(LoopbackOnly),
            Middleware(ApiKeyRequired, key=seed.environment.api_key),
            Middleware(Failing, failures=failures),
        ],
        exception_handlers={
            ApiError: answer_api_error,
            OAuthError: answer_oauth_error,
            HTTPException: UnknownRoutes(say).answer,
        },
    )


def _user_routes(users: Users, memberships: Memberships) -> list[Route]:
    return [
        _route("GET", "/user_management/users", users.page),
        _route("GET", "/user_management/users/{id}", users.get),
        _route("PUT", "/user_management/users/{id}", users.update),
        _route("GET", "/user_management/organization_memberships", memberships.page),
        _route("GET", "/user_management/organization_memberships/{id}", memberships.get),
    ]


def _grant_routes(grants: UserGrants) -> list[Route]:
    applications = "/user_management/users/{user_id}/authorized_applications"
    return [
        _route("GET", applications, grants.list_applications),
        # A client id may be the address of a metadata document, with slashes of its own.
        _route("DELETE", f"{applications}/{{application_id:path}}", grants.delete_application),
        _route("GET", "/user_management/users/{user_id}/sessions", grants.list_sessions),
        _route("POST", "/user_management/sessions/revoke", grants.revoke_session),
    ]


def _pipes_routes(integrations: DataIntegrations, accounts: ConnectedAccountEndpoints) -> list[Route]:
    account = "/user_management/users/{user_id}/connected_accounts/{slug}"
    return [
        _route("POST", "/data-integrations/{slug}/token", integrations.give_token),
        _route("POST", "/data-integrations/{slug}/authorize", integrations.authorize),
        _route("GET", "/user_management/users/{user_id}/data_providers", accounts.list_providers),
        _route("GET", account, accounts.get),
        _route("DELETE", account, accounts.delete),
    ]


def _organization_routes(organizations: Organizations) -> list[Route]:
    return [
        _route("GET", "/organizations", organizations.page),
        _route("GET", "/organizations/{id}", organizations.get),
    ]


def _role_routes(roles: Roles, permissions: Permissions) -> list[Route]:
    return [
        _route("GET", "/authorization/roles", roles.list_environment),
        _route("POST", "/authorization/roles", roles.create_environment),
        _route("GET", "/authorization/roles/{slug}", roles.get_environment),
        _route("POST", "/authorization/roles/{slug}/permissions", roles.add_permission),
        _route("GET", "/authorization/organizations/{organization_id}/roles", roles.list_organization),
        _route("GET", "/authorization/organizations/{organization_id}/roles/{slug}", roles.get_organization),
        _route("GET", "/authorization/permissions", permissions.page),
        _route("POST", "/authorization/permissions", permissions.create),
        _route("GET", "/authorization/permissions/{slug}", permissions.get),
    ]


def _check_routes(checks: AuthorizationChecks) -> list[Route]:
    membership = "/authorization/organization_memberships/{membership_id}"
    return [
        _route("POST", f"{membership}/check", checks.check),
        _route("GET", f"{membership}/resources/{{resource_id}}/permissions", checks.list_effective),
        _route(
            "GET",
            f"{membership}/resources/{{resource_type_slug}}/{{external_id}}/permissions",
            checks.list_effective_by_external_id,
        ),
    ]


def _directory_routes(directories: Directories) -> list[Route]:
    return [
        _route("GET", "/directories", directories.page),
        _route("GET", "/directories/{id}", directories.get),
        _route("GET", "/directory_users", directories.list_users),
        _route("GET", "/directory_users/{id}", directories.get_user),
        _route("GET", "/directory_groups", directories.list_groups),
        _route("GET", "/directory_groups/{id}", directories.get_group),
    ]


def _connection_routes(connections: Connections) -> list[Route]:
    return [_route("GET", "/connections", connections.page), _route("GET", "/connections/{id}", connections.get)]


def _flag_routes(flags: FeatureFlags) -> list[Route]:
    return [
        _route("GET", "/feature-flags", flags.page),
        _route("GET", "/feature-flags/{slug}", flags.get),
        _route("GET", "/organizations/{organization_id}/feature-flags", flags.list_of_organization),
        _route("GET", "/user_management/users/{user_id}/feature-flags", flags.list_of_user),
    ]


def _indicator_routes(indicators: IndicatorEndpoints) -> list[Route]:
    path = "/user_management/authkit_oauth_resources"
    return [
        _route("GET", path, indicators.page),
        _route("POST", path, indicators.create),
        _route("DELETE", f"{path}/{{id}}", indicators.delete),
    ]


def _application_routes(applications: MachineApplications) -> list[Route]:
    path = "/connect/applications"
    return [
        _route("GET", path, applications.page),
        _route("POST", path, applications.create),
        _route("GET", f"{path}/{{id}}", applications.get),
        _route("GET", f"{path}/{{id}}/client_secrets", applications.list_secrets),
        _route("POST", f"{path}/{{id}}/client_secrets", applications.create_secret),
    ]


def _address_routes(addresses: BrowserAddresses) -> list[Route]:
    return [
        _route("GET", "/user_management/redirect_uris", addresses.page_redirect_uris),
        _route("POST", "/user_management/redirect_uris", addresses.create_redirect_uri),
        _route("GET", "/user_management/cors_origins", addresses.page_cors_origins),
        _route("POST", "/user_management/cors_origins", addresses.create_cors_origin),
    ]


def _audit_log_routes(audit_logs: AuditLogs, schemas: AuditLogSchemas) -> list[Route]:
    return [
        _route("POST", "/audit_logs/events", audit_logs.create_event),
        _route("GET", "/audit_logs/actions", schemas.list_actions),
        _route("GET", "/audit_logs/actions/{action_name}/schemas", schemas.list_schemas),
        _route("POST", "/audit_logs/actions/{action_name}/schemas", schemas.create),
        _route("GET", AUDIT_LOG_HOOK, guarded(audit_logs.list_received)),
    ]


def _api_key_routes(keys: ApiKeys) -> list[Route]:
    organization, user = "/organizations/{organization_id}/api_keys", "/user_management/users/{user_id}/api_keys"
    return [
        _route("POST", "/api_keys/validations", keys.validate),
        _route("GET", organization, keys.list_organization),
        _route("POST", organization, keys.create_organization),
        _route("GET", user, keys.list_user),
        _route("POST", user, keys.create_user),
        _route("POST", "/api_keys/{id}/expire", keys.expire),
        _route("DELETE", "/api_keys/{id}", keys.delete),
    ]


def _failure_routes(hook: FailureHook) -> list[Route]:
    return [
        _route("GET", FAILURE_HOOK, guarded(hook.show)),
        _route("POST", FAILURE_HOOK, guarded(hook.order)),
        _route("DELETE", FAILURE_HOOK, guarded(hook.clear)),
    ]


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=[method])
