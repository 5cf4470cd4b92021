"""What each setting's text means. Every ValueError is a sentence that follows the variable's name."""

import base64
import binascii
import re
from typing import Literal

from app.access.quota_rules import WhenUnavailable
from app.access.requirements import SCOPE
from app.auth.urls import check_browser_origin, check_https_url, normalize_origin

Audience = Literal["resource", "client_id", "both"]

_RECIPE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


def issuer(value: str) -> str:
    return normalize_origin(value if "://" in value else f"https://{value}", slash_allowed=True)


def base_url(value: str) -> str:
    origin = normalize_origin(value, slash_allowed=False)
    if origin != value:
        # The resource indicator is compared byte for byte, by clients and by AuthKit.
        raise ValueError(f"must be written exactly as clients normalise it: {origin}")
    return origin


def workos_base_url(value: str) -> str:
    """The API key is sent there, so plain http stays on this machine."""
    try:
        return normalize_origin(value, slash_allowed=True)
    except ValueError as problem:
        raise ValueError(f"{problem}; set it to an origin such as https://api.workos.com, or unset it") from None


def client_id(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7E]+", value):
        raise ValueError("must be the client id from the WorkOS dashboard, without spaces")
    return value


def secret(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("must not have spaces, line breaks or control characters around it")
    return value


def parameter_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_./:-]+", value):
        raise ValueError("must be the name of an SSM parameter, for example /workos-mcp-lambda/dev/api-key")
    return value


def docs_url(value: str) -> str:
    return check_https_url(value)


def audience(value: str) -> Audience:
    choices: dict[str, Audience] = {"resource": "resource", "client_id": "client_id", "both": "both"}
    if value not in choices:
        raise ValueError("must be resource, client_id or both")
    return choices[value]


def scopes(value: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(value.split()))
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError('must be OAuth scopes separated by spaces, without quotes, for example "files:read"')
    if "offline_access" in scopes:
        raise ValueError("must not contain offline_access: it asks for a refresh token, it grants nothing here")
    return scopes


def flag(value: str) -> bool:
    if value.lower() in {"true", "1", "yes", "on"}:
        return True
    if value.lower() in {"false", "0", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def origins(value: str) -> frozenset[str]:
    return frozenset(check_browser_origin(origin) for origin in value.split())


def audit_log_action(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value) or len(value) > 100:
        raise ValueError("must be an action configured in WorkOS's Audit Logs, for example mcp.tool_called")
    return value


def metrics_namespace(value: str) -> str:
    # CloudWatch API reference, PutMetricData: its characters, and whose own the names after AWS/ are.
    if not re.fullmatch(r"(?!AWS/|:)[A-Za-z0-9._/#: -]{1,255}", value) or value != value.strip():
        raise ValueError("must be a CloudWatch namespace, not one of AWS's own, for example my-server/prod")
    return value


def table_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", value):
        raise ValueError("must be the name of a DynamoDB table, for example workos-mcp-lambda-dev-quota")
    return value


def calls(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a whole number of calls, for example 1000; 0 is no limit")
    return int(value)


def window_seconds(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 86400:
        raise ValueError("must be a whole number of seconds from 1 to 86400, for example 3600")
    return int(value)


def when_unavailable(value: str) -> WhenUnavailable:
    choices: dict[str, WhenUnavailable] = {"allow": "allow", "deny": "deny"}
    if value not in choices:
        raise ValueError("must be allow or deny")
    return choices[value]


def request_state_keys(value: str) -> tuple[bytes, ...]:
    """Keys of at least 32 bytes, base64url, comma separated: the first seals, all open (rotation).

    Raises:
        ValueError: saying how to make a good key; it never contains a key.
    """
    keys = tuple(_decode(part.strip()) for part in value.split(","))
    if any(len(key) < 32 for key in keys):
        raise ValueError(f"must hold keys of at least 32 bytes each; {_RECIPE}")
    if len(set(keys)) != len(keys):
        raise ValueError("names the same key twice; keep each key once, the sealing one first")
    return keys


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"must be base64url keys, comma separated; {_RECIPE}") from None
