"""`make -s token`: print an access token from the running stand-in, and nothing else.

Environment: AUTHKIT_PORT, USER_EMAIL, ORG (id or name), SCOPE, LIFETIME (seconds, may be
negative), MACHINE=1.
"""

import os
import sys
from collections.abc import Mapping

import httpx2

Environ = Mapping[str, str]


class TokenError(Exception):
    """No token; the message says why in one line."""


def main(environ: Environ) -> int:
    try:
        print(fetch_token(environ))
    except TokenError as error:
        print(f"token: {error}", file=sys.stderr)
        return 1
    return 0


def fetch_token(environ: Environ) -> str:
    """A token as the environment describes it.

    Raises:
        TokenError: if the stand-in is not running or refuses.
    """
    port = environ.get("AUTHKIT_PORT") or "8001"
    if not port.isdigit():
        raise TokenError("AUTHKIT_PORT must be a port number")
    url = f"http://127.0.0.1:{port}/_local/token"
    try:
        with httpx2.Client(trust_env=False, timeout=10) as client:
            response = client.post(url, json=_body(environ), headers={"X-Local-Stand-In": "1"})
    except httpx2.HTTPError:
        raise TokenError(f"nothing answers on port {port}; run `make dev` first") from None
    return _token(response, port)


def _body(environ: Environ) -> dict[str, object]:
    # Not USER: every shell sets that to the login name.
    named = {"user": "USER_EMAIL", "organization": "ORG", "scope": "SCOPE"}
    body: dict[str, object] = {field: environ[name] for field, name in named.items() if environ.get(name)}
    if lifetime := environ.get("LIFETIME"):
        try:
            body["lifetime"] = int(lifetime)
        except ValueError:
            raise TokenError("LIFETIME must be a whole number of seconds") from None
    return body | ({"machine": True} if environ.get("MACHINE") == "1" else {})


def _token(response: httpx2.Response, port: str) -> str:
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
