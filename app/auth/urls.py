"""Origins (RFC 6454: scheme, host and port) and https URLs, as the settings and decorators may name them."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

_DEFAULT_PORT = {"https": 443, "http": 80}
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
# A browser writes an origin in lower case and without a path; extensions have schemes of their own.
_BROWSER_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def normalize_origin(value: str, *, slash_allowed: bool) -> str:
    """Return the origin in the form in which origins are compared: lower case, no default port.

    Plain http is allowed only for loopback hosts.

    Raises:
        ValueError: what is wrong, and how it should look.
    """
    parts = _split(value)
    if parts.path and not (slash_allowed and parts.path == "/"):
        raise ValueError("must be a bare origin: remove the path or trailing slash behind the host")
    if "?" in value or "#" in value or "@" in value:
        raise ValueError("must be a bare origin, without query, fragment or user")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(value)):
        raise ValueError("must use https (http is for loopback hosts alone)")
    return _join(parts)


def check_browser_origin(value: str) -> str:
    """Return an origin that is written exactly as a browser sends it in `Origin`.

    Raises:
        ValueError: for a wildcard, a path, upper case or anything else that a browser never sends.
    """
    if not _BROWSER_ORIGIN.fullmatch(value):
        raise ValueError(
            "must be exact browser origins separated by spaces, such as https://app.example.com: "
            "lower case, no path, no trailing slash, no wildcard"
        )
    if value.startswith(("http://", "https://")) and _join(_split(value)) != value:
        raise ValueError(f"names an origin that browsers write as {_join(_split(value))}")
    return value


def check_https_url(value: str) -> str:
    """Return an https URL (http for loopback hosts) that has only ASCII characters.

    Raises:
        ValueError: a sentence that follows the name of the setting or argument.
    """
    origin, slash, path = value.partition("://")[2].partition("/")
    normalize_origin(f"{value.partition('://')[0]}://{origin}", slash_allowed=False)
    if not re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]*", slash + path):
        raise ValueError("must be a https URL, for example https://docs.example.com/mcp")
    return value


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(value: str) -> SplitResult:
    # Refuse line breaks and tabs first: urlsplit drops them silently.
    if not re.fullmatch(r"[\x21-\x7E]+", value) or "\\" in value:
        raise ValueError("must be an origin in plain ASCII without spaces, for example https://mcp.example.com")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("has a host or port that no URL can have") from None
    bracketed = "[" in parts.netloc  # only IPv6 is written in brackets, but urlsplit accepts "[v1.x]", too
    if not (_is_ipv6 if bracketed else _is_host)(parts.hostname or "") or parts.netloc.endswith(":"):
        raise ValueError("must name a host, for example https://mcp.example.com")
    return parts


def _is_host(host: str) -> bool:
    return len(host) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in host.split("."))


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _join(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _DEFAULT_PORT[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
