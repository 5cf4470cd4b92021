"""`make -s token`: print an access token from the running stand-in, and nothing else.

Environment: AUTHKIT_PORT, USER_EMAIL, ORG (id or name), SCOPE, LIFETIME (seconds, may be
negative), IMPERSONATOR (an admin's email: `act`, which WorkOS documents for session tokens only),
MACHINE (1, or the name of a machine application; not together with variables for users), WEB_SESSION (1: the
token of a sign-in to a web application, which no MCP server accepts), API_KEY (the name or id of a key of the seed
file, whose value is printed; the stand-in need not run for it).
"""

import os
import sys
from collections.abc import Mapping

import httpx2

from infra.local.ports import InvalidPort, read_port
from infra.local.seed.load import SeedError, load_seed

Environ = Mapping[str, str]
# Not USER: every shell sets that to the login name.
_NAMES = {"user": "USER_EMAIL", "organization": "ORG", "scope": "SCOPE", "impersonator": "IMPERSONATOR"}
_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class TokenError(Exception):
    """There is no token; the message says why, in one line."""


def main(environ: Environ) -> int:
    try:
        print(fetch_token(environ))
    except TokenError as error:
        print(f"token: {error}", file=sys.stderr)
        return 1
    return 0


def fetch_token(environ: Environ) -> str:
    """Fetch the token that the environment variables describe, or read the value of a seeded API key.

    Raises:
        TokenError: if the stand-in is not running or refuses.
    """
    if environ.get("API_KEY"):
        return _read_api_key(environ)
    try:
        port = read_port("AUTHKIT_PORT", environ)
    except InvalidPort as error:
        raise TokenError(str(error)) from None
    url = f"http://127.0.0.1:{port}/_local/token"
    try:
        with httpx2.Client(trust_env=False, timeout=10) as client:
            response = client.post(url, json=_body(environ), headers={"X-Local-Stand-In": "1"})
    except httpx2.HTTPError:
        raise TokenError(
            f"nothing answers on port {port}; run `make dev` first, or give the PORT= that it has"
        ) from None
    return _token(response, port)


def _body(environ: Environ) -> dict[str, object]:
    body: dict[str, object] = {field: _text(environ, name) for field, name in _NAMES.items() if environ.get(name)}
    if lifetime := environ.get("LIFETIME"):
        try:
            body["lifetime"] = int(lifetime)
        except ValueError:
            raise TokenError("LIFETIME must be a whole number of seconds") from None
    machine = _machine(environ)
    if _asks_web_session(environ):
        body["web_session"] = True
    return body | ({"machine": machine} if machine else {})


def _read_api_key(environ: Environ) -> str:
    name = _text(environ, "API_KEY")
    for other in (*_NAMES.values(), "LIFETIME", "MACHINE", "WEB_SESSION"):
        if environ.get(other):
            raise TokenError(f"API_KEY and {other} exclude each other: a key is as somebody made it")
    try:
        seed = load_seed()
    except SeedError as error:
        raise TokenError(str(error)) from None
    key = seed.api_key(name)
    if key is None:
        known = ", ".join(each.name for each in seed.api_keys) or "none"
        raise TokenError(f"the seed file has no API key of this name or id; it has: {known}")
    return key.value


def _text(environ: Environ, name: str) -> str:
    try:
        environ[name].encode()
    except UnicodeEncodeError:
        # Python represents bytes outside of the shell's encoding as lone surrogates.
        raise TokenError(f"{name} is not UTF-8 text") from None
    return environ[name]


def _machine(environ: Environ) -> bool | str:
    asked = _text(environ, "MACHINE") if environ.get("MACHINE") else ""
    machine = _TRUTH.get(asked.lower(), asked)
    for name in ("USER_EMAIL", "ORG", "IMPERSONATOR"):
        if machine and environ.get(name):
            raise TokenError(
                f"MACHINE and {name} exclude each other: a machine is its application's, not a user's"
            )
    return machine


def _asks_web_session(environ: Environ) -> bool:
    asked = _TRUTH.get(environ.get("WEB_SESSION", "").lower())
    if asked is None:
        raise TokenError("WEB_SESSION must be 1 or 0")
    for name in ("MACHINE", "SCOPE"):
        if asked and environ.get(name):
            raise TokenError(f"WEB_SESSION and {name} exclude each other: that token is a user's and has no scope")
    return asked


def _token(response: httpx2.Response, port: int) -> str:
    try:
        answer = response.json()
        if response.status_code == 200:
            return str(answer["access_token"])
        reason = str(answer["error_description"])
    except (ValueError, KeyError, TypeError):
        raise TokenError(f"what answers on port {port} is not the local AuthKit; set AUTHKIT_PORT") from None
    raise TokenError(reason)


if __name__ == "__main__":
    sys.exit(main(os.environ))
