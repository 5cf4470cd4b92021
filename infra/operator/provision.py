"""`make provision`: set up WorkOS for this deployment, as a person would in the dashboard.

Environment: URL, WORKOS_API_KEY or WORKOS_API_KEY_FILE (asked for where neither is set), APPLY=1 (without it
nothing is changed), ONLY= and SKIP= (names of steps), STAGE (its parameters in samconfig.toml say what the
variables below do not), WORKOS_AUTHKIT_DOMAIN (where the server does not run yet), ALLOWED_ORIGINS,
AUDIT_LOG_ACTION, AUDIT_LOG_ACTIONS (what your tools write: `document.viewed` or `document.viewed:document`),
REDIRECT_URIS, EXAMPLES=1 (the deployment serves the examples), MACHINE= with ORG= and SECRET_FILE=, JSON=1.
It never deletes, and never replaces what it did not make.
"""

import asyncio
import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.operator.address import AUTHORIZATION_SERVER, Address, AddressRefused, read_address
from infra.operator.checks.url import is_mcp_path
from infra.operator.finding import Finding, exit_status, failed
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets, with_question
from infra.operator.observation import first_issuer, read_document
from infra.operator.provisioning.audit_actions import InvalidAction, read_tool_actions
from infra.operator.provisioning.audit_schemas import AuditSchemaStep
from infra.operator.provisioning.browser_addresses import CorsOriginStep, RedirectUriStep
from infra.operator.provisioning.catalogue import CatalogueUnreadable, RequiredGrants, read_required_grants
from infra.operator.provisioning.dashboard import NAME as DASHBOARD
from infra.operator.provisioning.dashboard import check_dashboard
from infra.operator.provisioning.indicator import IndicatorStep
from infra.operator.provisioning.jwt_template import JwtTemplateStep
from infra.operator.provisioning.machine import MachineStep, SecretPlace, Show
from infra.operator.provisioning.permissions import PermissionStep, RoleStep
from infra.operator.provisioning.plan import Step, run_steps
from infra.operator.provisioning.selection import UnknownStep, select_steps
from infra.operator.report import as_json, summarize, table
from infra.operator.web import Web, may_send_secrets
from infra.operator.workos_api import API, ApiRefused, WorkOSApi

Environment = Mapping[str, str]
STEPS = (
    "indicator",
    "jwt-template",
    "permissions",
    "roles",
    "audit-schemas",
    "cors-origins",
    "redirect-uris",
    "machine",
    DASHBOARD,
)
_FROM_STAGE = {
    "ALLOWED_ORIGINS": "AllowedOrigins",
    "AUDIT_LOG_ACTION": "AuditLogAction",
    "WORKOS_AUTHKIT_DOMAIN": "AuthKitDomain",
}
"""The parameters of a stage that WorkOS has to know too, by their variable."""
_NOTHING = RequiredGrants({}, {})


async def provision(
    address: Address, environment: Environment, *, trust: ssl.SSLContext | None = None, show: Show | None = None
) -> list[Finding]:
    """Plan the steps, and with APPLY make the changes.

    Raises:
        UnknownStep: if ONLY or SKIP names another step.
        InvalidAction: if AUDIT_LOG_ACTIONS is not a list of actions.
    """
    web = Web(trust=trust)
    names = select_steps(STEPS, environment)
    try:
        api = WorkOSApi(web, environment["WORKOS_API_KEY"], environment.get("WORKOS_BASE_URL") or API)
    except ApiRefused as refused:
        return [failed(names[0] if names else STEPS[0], str(refused), refused.fix)]
    required, problems = _read_required(names, environment)
    steps = [each for each in _create_steps(address, environment, required, show) if each.name in names]
    if problems:
        steps = [each for each in steps if each.name not in ("permissions", "roles")]
    found = problems + await run_steps(api, steps, apply=_may_apply(environment))
    if DASHBOARD in names:
        found += check_dashboard(await _authkit_metadata(address, environment, web), required.scopes)
    return found


def _create_steps(
    address: Address, environment: Environment, required: RequiredGrants, show: Show | None
) -> Sequence[Step]:
    place = SecretPlace(environment.get("SECRET_FILE", ""), show)
    return (
        IndicatorStep(address.resource),
        JwtTemplateStep(),
        PermissionStep(required.permissions),
        RoleStep(required.roles, required.permissions),
        AuditSchemaStep(
            environment.get("AUDIT_LOG_ACTION", ""), read_tool_actions(environment.get("AUDIT_LOG_ACTIONS", ""))
        ),
        CorsOriginStep(environment.get("ALLOWED_ORIGINS", "").split()),
        RedirectUriStep(environment.get("REDIRECT_URIS", "").split()),
        MachineStep(environment.get("MACHINE", ""), environment.get("ORG", ""), place),
    )


def _read_required(names: Sequence[str], environment: Environment) -> tuple[RequiredGrants, list[Finding]]:
    if not {"permissions", "roles", DASHBOARD} & set(names):
        return _NOTHING, []
    try:
        return read_required_grants(examples=environment.get("EXAMPLES") == "1"), []
    except CatalogueUnreadable as problem:
        fix = "run make check, or leave both steps out: SKIP=permissions,roles"
        unread = [each for each in ("permissions", "roles") if each in names]
        return _NOTHING, [failed(each, f"your tools cannot be read: {problem}", fix) for each in unread]


async def _authkit_metadata(address: Address, environment: Environment, web: Web) -> dict[str, object] | None:
    """Read the metadata of the AuthKit that the server names, or before the first deployment of
    WORKOS_AUTHKIT_DOMAIN."""
    issuer = first_issuer(read_document(await web.ask("GET", address.root_document)))
    domain = environment.get("WORKOS_AUTHKIT_DOMAIN", "").rstrip("/")
    if issuer is None and domain:
        issuer = domain if "://" in domain else f"https://{domain}"
    if issuer is None or not may_send_secrets(issuer):
        return None
    return read_document(await web.ask("GET", issuer + AUTHORIZATION_SERVER))


def main(
    environment: Environment, ask: Ask | None = None, file: Path = SAMCONFIG, show: Show | None = None
) -> int:
    try:
        address = _read_address(environment)
        environment = _with_key(_with_stage(environment, file), ask)
        findings = asyncio.run(provision(address, environment, show=show))
    except (AddressRefused, InvalidAction, InvalidDeployment, SecretNotGiven, UnknownStep) as refused:
        print(refused, file=sys.stderr)
        return 2
    if environment.get("JSON"):
        print(as_json(address.url, findings))
    else:
        print(f"{_title(environment)}\n\n{table(findings)}\n\n{summarize(findings)}{_next(findings, environment)}")
    return exit_status(findings)


def _with_key(environment: Environment, ask: Ask | None) -> Environment:
    filled = read_secrets(with_question(environment, "WORKOS_API_KEY", ask), ("WORKOS_API_KEY",), ask)
    if not filled.get("WORKOS_API_KEY"):
        raise SecretNotGiven(
            "WORKOS_API_KEY is not set, nor WORKOS_API_KEY_FILE; it is in the WorkOS dashboard, API Keys"
        )
    return filled


def _with_stage(environment: Environment, file: Path) -> Environment:
    """Fill in from the stage's parameters what the variables do not say.

    Raises:
        InvalidDeployment: if samconfig.toml lacks the stage.
    """
    if not environment.get("STAGE"):
        return environment
    parameters = read_deployment(environment, file).parameters
    filled = {variable: parameters[name] for variable, name in _FROM_STAGE.items() if parameters.get(name)}
    if parameters.get("ServeExamples") == "true":
        filled["EXAMPLES"] = "1"
    return {**filled, **{name: value for name, value in environment.items() if value or name not in filled}}


def _read_address(environment: Environment) -> Address:
    address = read_address(environment.get("URL", ""))
    if not is_mcp_path(address) or not may_send_secrets(address.url):
        raise AddressRefused(f"URL must be BASE_URL followed by /mcp, such as {address.resource}")
    return address


def _may_apply(environment: Environment) -> bool:
    # Nothing but 1: whoever writes APPLY=0 or APPLY=no wants no change.
    return environment.get("APPLY") == "1"


def _title(environment: Environment) -> str:
    stage = environment.get("STAGE")
    # `make` always gives a STAGE, whose WorkOS environment nobody knows: only its settings are used.
    settings = f", with the settings of stage {stage}" if stage else ""
    return f"WorkOS{settings}: {'applied' if _may_apply(environment) else 'dry run'}"


def _next(findings: list[Finding], environment: Environment) -> str:
    pending = any(each.status.value == "change" for each in findings) and not _may_apply(environment)
    return "\nNothing was changed. The same command with APPLY=1 does it." if pending else ""


if __name__ == "__main__":
    at_terminal = sys.stdout.isatty() and not os.environ.get("JSON")
    sys.exit(main(os.environ, ask_at_terminal(), show=print if at_terminal else None))
