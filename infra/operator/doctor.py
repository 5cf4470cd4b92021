"""`make doctor`: why can a client not connect?

Environment: URL, and as wanted TOKEN, WORKOS_API_KEY, ORIGIN (a page that should be allowed), JSON=1, PATIENCE
(seconds for one request). With a token, TOKEN_AUDIENCE, WORKOS_CLIENT_ID, ALLOW_MACHINE_TOKENS and ALLOW_API_KEYS
of the function make the explanation exact; without the last one, no API key is sent. TOKEN_FILE and
WORKOS_API_KEY_FILE name files; TOKEN=- and WORKOS_API_KEY=- ask for the value. FUNCTION and STAGE let the function
try its worker, if it has one.
"""

import asyncio
import os
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import replace

from infra.operator import rpc
from infra.operator.access_token.expected import with_settings
from infra.operator.access_token.explanation import explain
from infra.operator.access_token.signing_keys import read_keys
from infra.operator.access_token.verdict import judge
from infra.operator.address import Address, AddressRefused, read_address
from infra.operator.checks import ALL
from infra.operator.checks.get import judge_get
from infra.operator.checks.indicator import CHECK as INDICATOR
from infra.operator.checks.indicator import judge_indicators
from infra.operator.finding import Finding, Status, exit_status, failed, skipped, warned
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets
from infra.operator.observation import Observation, observe
from infra.operator.provisioning.jwt_template import sets_aud
from infra.operator.report import as_json, summarize, table
from infra.operator.web import PATIENCE, Answer, NoAnswer, Web, may_send_secrets
from infra.operator.worker import check_worker
from infra.operator.workos_api import API, ApiRefused, WorkOSApi

Environment = Mapping[str, str]
_SUMMARIES = ("nothing here keeps a client from connecting", "a client cannot connect; begin with the first FAIL")


async def examine(
    address: Address, environment: Environment, *, patience: float = PATIENCE, trust: ssl.SSLContext | None = None
) -> list[Finding]:
    """Run every check, and explain the token if there is one."""
    web = Web(patience, trust)
    seen = await observe(address, web, environment.get("ORIGIN", ""))
    findings = [check(seen) for check in ALL]
    findings.append(await _indicator(address, environment, web))
    if environment.get("FUNCTION"):
        findings.append(await asyncio.to_thread(check_worker, environment))
    if token := strip_bearer(environment.get("TOKEN", "")):
        findings.append(await explain_token(token, seen, environment, web))
        if findings[-1].status is not Status.FAIL:
            # Clients do this after each login. A server that opens a stream hangs only here.
            headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
            findings.append(judge_get("get-with-token", await web.ask("GET", address.url, headers=headers)))
    return findings


def strip_bearer(token: str) -> str:
    """Remove the word Bearer and spaces, which are easily pasted along with a token."""
    token = token.strip()
    return token[7:].strip() if token[:7].lower() == "bearer " else token


async def explain_token(token: str, seen: Observation, environment: Environment, web: Web) -> Finding:
    keys = read_keys(seen.keys.body) if isinstance(seen.keys, Answer) and seen.keys.status == 200 else {}
    resource = (seen.metadata or {}).get("resource")
    expected = with_settings(
        environment,
        issuer=seen.issuer or "",
        resource=resource if isinstance(resource, str) else seen.address.resource,
        keys=keys or None,
        now=time.time(),
    )
    if (verdict := judge(token, expected)) and verdict.reason == "audience":
        expected = replace(expected, template_sets_aud=await _template_sets_aud(environment, web))
    # The server may be anybody's: a WorkOS API key that was given by mistake must not be sent to it. A customer's
    # key looks the same, so it is sent only if the operator says that the function takes keys.
    is_own_key = token == environment.get("WORKOS_API_KEY")
    is_meant = expected.allow_api_keys or not token.startswith("sk_")
    can_be_sent = may_send_secrets(seen.address.url) and is_meant and not is_own_key
    if can_be_sent and not isinstance(seen.post, NoAnswer):
        reply = await rpc.post(web, seen.address.url, token=token)
    else:
        reply = NoAnswer("the token was not sent", asked=False)
    return explain(token, expected, reply)


async def _template_sets_aud(environment: Environment, web: Web) -> bool | None:
    """Whether the JWT template sets aud; None without an API key, or if WorkOS does not return the template."""
    key = environment.get("WORKOS_API_KEY", "")
    try:
        api = WorkOSApi(web, key, environment.get("WORKOS_BASE_URL") or API)
        return sets_aud(await api.jwt_template() or "") if key else None
    except ApiRefused:
        return None


async def _indicator(address: Address, environment: Environment, web: Web) -> Finding:
    key = environment.get("WORKOS_API_KEY", "")
    if not key:
        return skipped(INDICATOR, "WORKOS_API_KEY is not set: WorkOS was not asked")
    try:
        api = WorkOSApi(web, key, environment.get("WORKOS_BASE_URL") or API)
        return judge_indicators(address.resource, await api.indicators())
    except ApiRefused as refused:
        return (failed if refused.status in (401, 403) else warned)(INDICATOR, str(refused), refused.fix)


def main(environment: Environment, arguments: list[str], ask: Ask | None = None) -> int:
    try:
        environment = read_secrets(environment, ("TOKEN", "WORKOS_API_KEY"), ask)
        address = read_address(environment.get("URL", ""))
        patience = float(environment.get("PATIENCE") or PATIENCE)
    except (AddressRefused, SecretNotGiven, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    findings = asyncio.run(examine(address, environment, patience=patience))
    if "--json" in arguments or environment.get("JSON"):
        print(as_json(address.url, findings))
    else:
        print(f"{address.url}\n\n{table(findings)}\n\n{summarize(findings)}: {_SUMMARIES[exit_status(findings)]}")
    return exit_status(findings)


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.argv[1:], ask_at_terminal()))
