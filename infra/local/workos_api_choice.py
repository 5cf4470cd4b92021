"""Choose the WorkOS API of the local function: the stand-in, or another one that the shell names with its key."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class InvalidWorkOSApi(Exception):
    """WORKOS_BASE_URL or WORKOS_API_KEY cannot be used; the message names it and the fix, never the key."""


@dataclass(frozen=True, slots=True)
class WorkOSApi:
    url: str
    key: str = field(repr=False)
    is_stand_in: bool = False


def choose_workos_api(shell: Mapping[str, str], stand_in: WorkOSApi) -> WorkOSApi:
    """Choose the API of WORKOS_BASE_URL and WORKOS_API_KEY if the shell has both, else the stand-in.

    One of the two alone has no effect, so that a key never goes to a host that was not named together with it.

    Raises:
        InvalidWorkOSApi: if both are set and the address or the key is invalid.
    """
    url, key = shell.get("WORKOS_BASE_URL", ""), shell.get("WORKOS_API_KEY", "")
    if not url or not key:
        return stand_in
    if not _is_origin(url):
        raise InvalidWorkOSApi(
            "WORKOS_BASE_URL must be an https origin (http is for loopback hosts alone) without path, user or "
            "query, such as https://api.workos.com; correct it, or unset it to use the local WorkOS API"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InvalidWorkOSApi("WORKOS_API_KEY must not have spaces, line breaks or control characters in it")
    return WorkOSApi(url.rstrip("/"), key)


def half_a_choice(shell: Mapping[str, str]) -> str | None:
    """A warning if WORKOS_BASE_URL is set without the key, and so has no effect."""
    if shell.get("WORKOS_BASE_URL") and not shell.get("WORKOS_API_KEY"):
        return "WORKOS_BASE_URL is not used: set WORKOS_API_KEY, the key of that API, beside it"
    return None


def _is_origin(url: str) -> bool:
    """Whether the function would accept the text as WORKOS_BASE_URL; it checks it again at start."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.path not in ("", "/") or any(each in url for each in "?#@\\") or not url.isprintable() or " " in url:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
