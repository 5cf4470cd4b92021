"""Fetch an access token for a machine application of WorkOS (RFC 6749 section 4.4)."""

import base64
from urllib.parse import quote, urlencode

from infra.operator.report import printable
from infra.operator.web import Answer, Web, may_send_secrets


class NoMachineToken(Exception):
    """AuthKit issued no token; the message says why, `fix` what to change."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.fix = fix


async def fetch_machine_token(web: Web, issuer: str, client_id: str, client_secret: str) -> str:
    """Fetch the token.

    Raises:
        NoMachineToken: if AuthKit does not issue one.
    """
    if not may_send_secrets(issuer):
        raise NoMachineToken("AuthKit's address is not https: the secret stays here", "set WORKOS_AUTHKIT_DOMAIN")
    # RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    reply = await web.ask(
        "POST",
        f"{issuer}/oauth2/token",
        headers={
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
        },
        body=urlencode({"grant_type": "client_credentials"}).encode(),
    )
    if not isinstance(reply, Answer):
        raise NoMachineToken(f"AuthKit's token endpoint: {reply.why}", "run make doctor")
    document = reply.document() or {}
    token = document.get("access_token")
    if reply.status == 200 and isinstance(token, str):
        return token
    raise NoMachineToken(
        f"AuthKit answers HTTP {reply.status}: {printable(str(document.get('error', 'no error code')))}",
        "compare WORKOS_M2M_CLIENT_ID and WORKOS_M2M_CLIENT_SECRET with the machine application in the dashboard "
        "(Connect, Applications)",
    )
