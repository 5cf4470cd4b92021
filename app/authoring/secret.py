"""`get_secret` and `secret`: a key or password of a team's own tools, read when a call needs it."""

from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

from pydantic import SecretStr

from app.auth.session import NoSession
from app.runtime.team_secrets import check_secret_name, current_team_secrets, find_variable

ATTRIBUTE = "__mcp_secret__"
"""Of a function that `secret` returns: the name of its secret."""


async def get_secret(name: str) -> SecretStr:
    """The secret of this name: the variable, such as STRIPE_KEY from `.env`, or else the SSM SecureString that
    `make secrets NAME=STRIPE_KEY STAGE=dev` wrote for the stage.

    It is fetched on first use, kept, and asked for again after 5 minutes, so a rotated value arrives by itself. A
    `SecretStr` shows stars in logs and in its repr: write `.get_secret_value()` where the value is used. Give the
    name in your code. A name that comes from a caller would let the caller choose.

    Raises:
        ValueError: the name cannot be that of a secret.
        SecretUnavailable: the secret is in neither place, or SSM does not answer. Its text is for the caller; the
            log names the parameter and the reason.
        NoSession: outside of a request, where the environment has no such variable.
    """
    try:
        secrets = current_team_secrets.get()
    except LookupError:
        return _read_outside_of_a_request(name)
    return await secrets.get(name)


def _read_outside_of_a_request(name: str) -> SecretStr:
    if (found := find_variable(check_secret_name(name))) is not None:
        return found
    raise NoSession(
        f"get_secret({name!r}) asks SSM only inside a request: set the variable {name} for your test, or take the "
        f"secret as a parameter (`Annotated[SecretStr, Depends(secret({name!r}))]`) and pass one"
    )


def secret(name: str) -> Callable[[], Coroutine[Any, Any, SecretStr]]:
    """A dependency: a parameter `key: Annotated[SecretStr, Depends(secret("STRIPE_KEY"))]` gets that secret.

    A test passes `SecretStr("sk_test")`. For one name it is one function, so a test can also override it. The
    smoke test of a deployment says if the secret is missing.

    Raises:
        ValueError: the name cannot be that of a secret.
    """
    return _make_reader(check_secret_name(name))


@cache
def _make_reader(name: str) -> Callable[[], Coroutine[Any, Any, SecretStr]]:
    async def read_secret() -> SecretStr:
        return await get_secret(name)

    read_secret.__name__ = f'secret("{name}")'
    setattr(read_secret, ATTRIBUTE, name)
    return read_secret
