"""`make secrets`: put the two secrets of a stage into SSM, or one of the team's own. No value is ever printed.

Environment: STAGE, WORKOS_API_KEY or WORKOS_API_KEY_FILE (asked for without echo where neither is set),
NAME=STRIPE_KEY for a secret of the team's own tools, whose value comes in the same ways from STRIPE_KEY,
ROTATE=request-state-key, workos-api-key or the name of one of the team's, SECRETS_KEY_ARN (what SecretsKeyArn is
in template.yaml; not set, it is the account's aws/ssm key), and what boto3 reads (AWS_PROFILE, AWS_ENDPOINT_URL).
The names of the secrets and the region are those of the stage's deployment: samconfig.toml says both, here as for
`make deploy`.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.deploy.deployment import SAMCONFIG, Deployment, InvalidDeployment, read_deployment
from infra.operator.finding import Finding, changed, exit_status, failed, passed
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets
from infra.operator.parameter_store import ParameterStore, StoreRefused
from infra.operator.report import summarize, table
from infra.operator.request_state_key import MAX_OLD_KEYS, make_key
from infra.operator.request_state_key import rotate as rotate_key
from infra.operator.team_secret import FOLDER, NameRefused, find_name, put_team_secret

Environment = Mapping[str, str]
REQUEST_STATE_KEY, API_KEY = "request-state-key", "workos-api-key"
_RELOAD_NOTE = "a running function reads it within 5 minutes"


class SecretsRefused(Exception):
    """Nothing was written to SSM; the message says what to set."""


def parameter_name(deployment: Deployment, secret: str) -> str:
    """The name of the SSM parameter, as template.yaml passes it to the function."""
    return f"{deployment.secrets_path}/{secret}"


def run(deployment: Deployment, environment: Environment, store: ParameterStore, ask: Ask | None) -> list[Finding]:
    """Write or rotate each secret, and return what was done. `ask` is None if there is no terminal.

    Raises:
        SecretsRefused: if ROTATE does not name a secret.
    """
    chosen = environment.get("ROTATE", "")
    if chosen not in ("", REQUEST_STATE_KEY, API_KEY):
        raise SecretsRefused(
            f"ROTATE must be {REQUEST_STATE_KEY}, {API_KEY} or a secret of your own, such as STRIPE_KEY"
        )
    wanted = [chosen] if chosen else [REQUEST_STATE_KEY, API_KEY]
    names = {secret: parameter_name(deployment, secret) for secret in wanted}
    return [_put(secret, name, environment, store, ask, rotate=bool(chosen)) for secret, name in names.items()]


def _put(
    secret: str, name: str, environment: Environment, store: ParameterStore, ask: Ask | None, *, rotate: bool
) -> Finding:
    try:
        if secret == REQUEST_STATE_KEY:
            return _put_request_state_key(name, store, rotate=rotate)
        return _put_api_key(name, environment.get("WORKOS_API_KEY", ""), store, ask, rotate=rotate)
    except StoreRefused as refused:
        return failed(name, "not written", str(refused))


def _put_request_state_key(name: str, store: ParameterStore, *, rotate: bool) -> Finding:
    description = "Keys that encrypt request state; the first encrypts, all decrypt"
    if not rotate:
        if store.exists(name):
            return passed(name, f"exists already; ROTATE={REQUEST_STATE_KEY} puts a new key in front")
        store.write(name, make_key(), description, replace=False)
        return changed(name, "made and written")
    current = store.read(name)
    if current is None:
        store.write(name, make_key(), description, replace=False)
        return changed(name, "there was none to rotate: made and written")
    store.write(name, rotate_key(current), description, replace=True)
    return changed(
        name,
        f"a new key is in front, {min(MAX_OLD_KEYS, current.count(',') + 1)} behind it still open; {_RELOAD_NOTE}",
    )


def _put_api_key(name: str, given: str, store: ParameterStore, ask: Ask | None, *, rotate: bool) -> Finding:
    there = store.exists(name)
    if there and not rotate:
        return passed(name, f"exists already; ROTATE={API_KEY} replaces it")
    if not given and ask is None:
        return failed(
            name, "not written", "set WORKOS_API_KEY or WORKOS_API_KEY_FILE: there is no terminal to ask on"
        )
    key = given or (ask(f"WorkOS API key for {name} (not shown): ") if ask else "")
    if problem := _problem(key):
        return failed(name, "not written", problem)
    store.write(name, key, "WorkOS API key of this stage's environment", replace=rotate)
    return changed(name, f"replaced; {_RELOAD_NOTE}" if there else "written")


def _problem(key: str) -> str:
    if not key:
        return "no key was given; it is in the WorkOS dashboard, API Keys"
    if key.startswith("client_"):
        return "that is the client id; the API key begins with sk_"
    if key != key.strip() or not key.isprintable() or " " in key:
        return "the key has spaces or line breaks; paste the key alone"
    return ""


def main(environment: Environment, ask: Ask | None, file: Path = SAMCONFIG) -> int:
    try:
        deployment = _deployment(environment, file)
        region = deployment.require_region()
        name = find_name(environment)
        environment = read_secrets(environment, (name or "WORKOS_API_KEY",), ask)
        store = ParameterStore(region.name, environment.get("SECRETS_KEY_ARN", ""))
        try:
            if name:
                parameter = parameter_name(deployment, f"{FOLDER}/{name}")
                findings = [put_team_secret(name, parameter, environment, store, ask)]
            else:
                findings = run(deployment, environment, store, ask)
        finally:
            store.close()
    except (InvalidDeployment, NameRefused, SecretNotGiven, SecretsRefused, StoreRefused) as refused:
        print(refused, file=sys.stderr)
        return 2
    print(f"SSM in {region}\n\n{table(findings)}\n\n{summarize(findings)}")
    return exit_status(findings)


def _deployment(environment: Environment, file: Path) -> Deployment:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", environment.get("STAGE", "")):
        raise SecretsRefused(f"STAGE is {environment.get('STAGE') or 'not set'}; give a name such as STAGE=dev")
    return read_deployment(environment, file)


if __name__ == "__main__":
    sys.exit(main(os.environ, ask_at_terminal()))
