"""Put a secret of the team's own tools into SSM, where `get_secret` finds it: `make secrets NAME=STRIPE_KEY`."""

import re
from collections.abc import Mapping

from infra.operator.finding import Finding, changed, failed, passed
from infra.operator.given_secrets import Ask
from infra.operator.parameter_store import ParameterStore, StoreRefused

FOLDER = "team"
"""Below the path of the stage, as TEAM_SECRETS_PATH in template.yaml has it."""
MAX_SECRET_BYTES = 4096
"""Of a standard parameter (SSM guide, "Managing parameter tiers")."""
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_OF_THE_SERVER = ("WORKOS_API_KEY", "REQUEST_STATE_KEY")
_OF_AWS = "AWS_"
"""The function's own credentials have such names, so `get_secret` refuses them."""


class NameRefused(Exception):
    """Nothing was written to SSM; the message says which name to give."""


def find_name(environment: Mapping[str, str]) -> str:
    """The name that NAME, or ROTATE alone, gives; empty if neither names a secret of the team.

    Raises:
        NameRefused: NAME cannot be that of a secret, or ROTATE names another one.
    """
    name, rotate = environment.get("NAME", ""), environment.get("ROTATE", "")
    if not name:
        return rotate if _NAME.fullmatch(rotate) else ""
    if not _NAME.fullmatch(name):
        raise NameRefused(f"NAME is {name}; give capitals, digits and _, such as NAME=STRIPE_KEY")
    if name in _OF_THE_SERVER:
        raise NameRefused(f"{name} is a secret of the server: make secrets without NAME writes it")
    if name.startswith(_OF_AWS):
        raise NameRefused(f"{name} is a name of AWS; give another one, such as NAME=STRIPE_KEY")
    if rotate not in ("", name):
        raise NameRefused(f"ROTATE must be {name}, or leave NAME out")
    return name


def put_team_secret(
    name: str, parameter: str, environment: Mapping[str, str], store: ParameterStore, ask: Ask | None
) -> Finding:
    """Write the secret, or replace it if ROTATE names it. `ask` is None if there is no terminal."""
    try:
        return _put(name, parameter, environment, store, ask)
    except StoreRefused as refused:
        return failed(parameter, "not written", str(refused))


def _put(
    name: str, parameter: str, environment: Mapping[str, str], store: ParameterStore, ask: Ask | None
) -> Finding:
    rotate = environment.get("ROTATE") == name
    if (there := store.exists(parameter)) and not rotate:
        return passed(parameter, f"exists already; ROTATE={name} replaces it")
    given = environment.get(name, "")
    if not given and ask is None:
        return failed(parameter, "not written", f"set {name} or {name}_FILE: there is no terminal to ask on")
    value = (given or (ask(f"{name} for {parameter} (not shown): ") if ask else "")).strip()
    if not value:
        return failed(parameter, "not written", "no value was given")
    if len(value.encode()) > MAX_SECRET_BYTES:
        return failed(parameter, "not written", f"the value has more than {MAX_SECRET_BYTES} bytes, SSM's limit")
    store.write(parameter, value, "A secret of this stage's own tools", replace=rotate)
    return changed(parameter, "replaced; a running function reads it within 5 minutes" if there else "written")
