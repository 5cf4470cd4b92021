"""`make provision`: register this deployment in WorkOS, and check what the dashboard alone can set.

Environment: URL, WORKOS_API_KEY or WORKOS_API_KEY_FILE (asked for where neither is set), APPLY=1 (without it
nothing is changed), STAGE (for the text), WORKOS_AUTHKIT_DOMAIN (where the server does not run yet),
AUDIT_LOG_ACTIONS (what your tools write), JSON=1.
It never deletes: deleting an indicator also deletes the consents that were granted for it.
"""

import asyncio
import os
import ssl
import sys
from collections.abc import Mapping

from infra.operator.address import AUTHORIZATION_SERVER, Address, AddressRefused, read_address
from infra.operator.checks.url import is_mcp_path
from infra.operator.dashboard import ACTIONS, TEMPLATE, check_actions, check_registration_flags, check_template
from infra.operator.finding import Finding, changed, exit_status, failed, passed, skipped, warned
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets, with_question
from infra.operator.observation import first_issuer, read_document
from infra.operator.report import as_json, printable, summarize, table
from infra.operator.web import Web, may_send_secrets
from infra.operator.workos_api import API, ApiRefused, WorkOSApi

Environment = Mapping[str, str]
CHECK = "indicator"


async def provision(
    address: Address, environment: Environment, *, trust: ssl.SSLContext | None = None
) -> list[Finding]:
    web = Web(trust=trust)
    try:
        api = WorkOSApi(web, environment["WORKOS_API_KEY"], environment.get("WORKOS_BASE_URL") or API)
    except ApiRefused as refused:
        return [failed(CHECK, str(refused), refused.fix)]
    found, stopped = await _try_to_register(api, address.resource, apply=bool(environment.get("APPLY")))
    found.append(check_registration_flags(await _authkit_metadata(address, environment, web)))
    if stopped:
        return found + [skipped(name, f"not checked: {stopped}") for name in (TEMPLATE, ACTIONS)]
    actions = tuple(environment.get("AUDIT_LOG_ACTIONS", "").replace(",", " ").split())
    return [*found, await check_template(api), await check_actions(api, actions)]


async def _try_to_register(api: WorkOSApi, resource: str, *, apply: bool) -> tuple[list[Finding], str]:
    """Return the findings, and why no further request makes sense, if that is so."""
    try:
        return await _register(api, resource, apply=apply), ""
    except ApiRefused as refused:
        finding = failed(
            CHECK, f"{resource} was not {'registered' if apply else 'looked up'}: {refused}", refused.fix
        )
        return [finding], str(refused) if refused.is_about_all else ""


async def _register(api: WorkOSApi, resource: str, *, apply: bool) -> list[Finding]:
    indicators = await api.indicators()
    if any(each.uri == resource for each in indicators):
        return [passed(CHECK, f"{resource} is registered")]
    first = not indicators
    if apply:
        try:
            await api.add_indicator(resource, default=first)
        except ApiRefused:
            # Somebody else may have registered it at the same time: look at the list again.
            if resource not in {each.uri for each in await api.indicators()}:
                raise
    done = "registered" if apply else "would register"
    step = changed(CHECK, f"{done} {resource}{' as the default' if first else ''}")
    return [
        step,
        *([_warn_of_first(resource)] if first else []),
        *_warn_of_similar(resource, [each.uri for each in indicators]),
    ]


def _warn_of_first(resource: str) -> Finding:
    return warned(
        "environment",
        f"{resource} is the first indicator of this WorkOS environment: from now on AuthKit refuses the others "
        "(invalid_target), where it ignored them before, and tokens are for this one by default",
        "register every other MCP server of the environment too; TOKEN_AUDIENCE=both here, while old tokens live",
    )


def _warn_of_similar(resource: str, uris: list[str]) -> list[Finding]:
    close = [printable(uri) for uri in uris if uri.rstrip("/") == resource.rstrip("/")]
    return [
        warned(
            "similar",
            f"{uri} stays registered; it is another resource, by a slash",
            "delete it in the dashboard (Connect, Configuration), if nothing uses it: its consents go with it",
        )
        for uri in close
    ]


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


def main(environment: Environment, ask: Ask | None = None) -> int:
    try:
        address = _read_address(environment)
        environment = read_secrets(with_question(environment, "WORKOS_API_KEY", ask), ("WORKOS_API_KEY",), ask)
    except (AddressRefused, SecretNotGiven) as refused:
        print(refused, file=sys.stderr)
        return 2
    if not environment.get("WORKOS_API_KEY"):
        print(
            "WORKOS_API_KEY is not set, nor WORKOS_API_KEY_FILE; it is in the WorkOS dashboard, API Keys",
            file=sys.stderr,
        )
        return 2
    findings = asyncio.run(provision(address, environment))
    if environment.get("JSON"):
        print(as_json(address.url, findings))
    else:
        print(f"{_title(environment)}\n\n{table(findings)}\n\n{summarize(findings)}{_next(findings, environment)}")
    return exit_status(findings)


def _read_address(environment: Environment) -> Address:
    address = read_address(environment.get("URL", ""))
    if not is_mcp_path(address) or not may_send_secrets(address.url):
        raise AddressRefused(f"URL must be BASE_URL followed by /mcp, such as {address.resource}")
    return address


def _title(environment: Environment) -> str:
    stage = environment.get("STAGE")
    return f"WorkOS{f' for {stage}' if stage else ''}: {'applied' if environment.get('APPLY') else 'dry run'}"


def _next(findings: list[Finding], environment: Environment) -> str:
    pending = any(each.status.value == "change" for each in findings) and not environment.get("APPLY")
    return "\nNothing was changed. The same command with APPLY=1 does it." if pending else ""


if __name__ == "__main__":
    sys.exit(main(os.environ, ask_at_terminal()))
