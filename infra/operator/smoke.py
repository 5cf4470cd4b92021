"""`make smoke`: call the server as a client does, after a deployment.

Environment: URL, and TOKEN, or WORKOS_M2M_CLIENT_ID with WORKOS_M2M_CLIENT_SECRET (secrets also as NAME_FILE, or
asked for with NAME=-). FUNCTION and STAGE ask in AWS whether the function can read its secrets, and whether its
worker takes work, as `make deploy` does. STRICT_HEADER=1 makes a renamed challenge header a failure; JSON=1;
PATIENCE. Without a token no call is made, and without a function its secrets and its worker are not checked; the
report says so.
"""

import asyncio
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import replace

from infra.operator.address import Address, AddressRefused, read_address
from infra.operator.checks import DISCOVERY
from infra.operator.checks.header import CHECK as HEADER
from infra.operator.doctor import explain_token, strip_bearer
from infra.operator.finding import Finding, Status, exit_status, failed, skipped
from infra.operator.function_secrets import check_function_secrets
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets
from infra.operator.machine_token import NoMachineToken, fetch_machine_token
from infra.operator.mcp_calls import call_whoami, list_tools
from infra.operator.observation import Observation, observe
from infra.operator.report import as_json, summarize, table
from infra.operator.web import PATIENCE, Answer, Web, may_send_secrets
from infra.operator.worker import check_worker

Environment = Mapping[str, str]
_CALLS = ("token", "tools/list", "whoami")
_NO_CREDENTIAL = "no TOKEN, and no WORKOS_M2M_CLIENT_ID and WORKOS_M2M_CLIENT_SECRET: no call was made"


async def run(
    address: Address, environment: Environment, *, patience: float = PATIENCE, trust: ssl.SSLContext | None = None
) -> list[Finding]:
    web = Web(patience, trust)
    seen = await observe(address, web)
    strict = bool(environment.get("STRICT_HEADER"))
    findings = [_apply_strictness(check(seen)) if strict else check(seen) for check in DISCOVERY]
    findings.append(await asyncio.to_thread(check_function_secrets, environment))
    findings.append(await asyncio.to_thread(check_worker, environment))
    return findings + await _with_token(seen, environment, web)


def _apply_strictness(finding: Finding) -> Finding:
    if finding.check == HEADER and finding.status is Status.WARN:
        return replace(finding, status=Status.FAIL)
    return finding


async def _with_token(seen: Observation, environment: Environment, web: Web) -> list[Finding]:
    if not isinstance(seen.post, Answer) or not may_send_secrets(seen.address.url):
        return [skipped(name, "there is no server to send a token to") for name in _CALLS]
    try:
        token = await _token(seen, environment, web)
    except NoMachineToken as problem:
        return [failed("token", str(problem), problem.fix), *(skipped(name, "no token") for name in _CALLS[1:])]
    if not token:
        return [skipped(name, _NO_CREDENTIAL) for name in _CALLS]
    explained = await explain_token(token, seen, environment, web)
    if explained.status is Status.FAIL:
        return [explained, *(skipped(name, "the token was not accepted") for name in _CALLS[1:])]
    url = seen.address.url
    listing = await list_tools(web, url, token)
    if listing.has_whoami is False:
        return [explained, listing.finding, skipped("whoami", "there is no such tool for this caller")]
    return [explained, listing.finding, await call_whoami(web, url, token)]


async def _token(seen: Observation, environment: Environment, web: Web) -> str:
    if token := strip_bearer(environment.get("TOKEN", "")):
        return token
    name, secret = (environment.get(f"WORKOS_M2M_CLIENT_{each}", "") for each in ("ID", "SECRET"))
    if not name or not secret:
        return ""
    if seen.issuer is None:
        raise NoMachineToken("the server names no AuthKit to ask", "see the checks above")
    # The server under test named this address. The secret goes there only if the operator's settings name it too.
    domain = environment.get("WORKOS_AUTHKIT_DOMAIN", "").rstrip("/")
    if seen.issuer not in (domain, f"https://{domain}"):
        raise NoMachineToken(
            "WORKOS_AUTHKIT_DOMAIN is not the AuthKit that the server names: the secret stays here",
            "set WORKOS_AUTHKIT_DOMAIN to your AuthKit, as the function has it",
        )
    return await fetch_machine_token(web, seen.issuer, name, secret)


def main(environment: Environment, ask: Ask | None = None) -> int:
    try:
        environment = read_secrets(environment, ("TOKEN", "WORKOS_M2M_CLIENT_SECRET"), ask)
        address = read_address(environment.get("URL", ""))
        patience = float(environment.get("PATIENCE") or PATIENCE)
    except (AddressRefused, SecretNotGiven, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    findings = asyncio.run(run(address, environment, patience=patience))
    if environment.get("JSON"):
        print(as_json(address.url, findings))
    else:
        print(f"{address.url}\n\n{table(findings)}\n\n{summarize(findings)}")
    if exit_status(findings):
        print("SMOKE TEST FAILED: clients need what is marked FAIL above", file=sys.stderr)
    return exit_status(findings)


if __name__ == "__main__":
    sys.exit(main(os.environ, ask_at_terminal()))
