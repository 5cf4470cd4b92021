"""A client for the part of the WorkOS API that an operator needs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from infra.operator.report import printable
from infra.operator.web import Answer, Web, may_send_secrets

API = "https://api.workos.com"
_INDICATORS = "/user_management/authkit_oauth_resources"
_TEMPLATE = "/user_management/jwt_template"
_MAX_PAGES = 50


class ApiRefused(Exception):
    """WorkOS refused or did not answer; the message says why, `fix` what to change."""

    def __init__(self, why: str, fix: str, status: int | None = None) -> None:
        super().__init__(why)
        self.fix = fix
        self.status = status
        """The HTTP status; None if WorkOS did not answer, or something else answered in its place."""

    @property
    def is_about_all(self) -> bool:
        """Whether every other request would fail for the same reason."""
        return self.status in (None, 401)

    @property
    def is_temporary(self) -> bool:
        """Whether the next request would meet the same: no answer, a wrong key, a limit, a failure."""
        return self.is_about_all or self.status == 429 or (self.status or 0) >= 500


@dataclass(frozen=True, slots=True)
class Indicator:
    uri: str
    is_default: bool


class WorkOSApi:
    def __init__(self, web: Web, key: str, base: str = API) -> None:
        if not may_send_secrets(base):
            raise ApiRefused("WORKOS_BASE_URL is not https: the API key stays here", "unset WORKOS_BASE_URL")
        self._web = web
        self._key = key
        self._base = base.rstrip("/")

    async def indicators(self) -> tuple[Indicator, ...]:
        """Read all MCP resource indicators of the environment."""
        return tuple(
            Indicator(str(row.get("uri")), row.get("default") is True) for row in await self.list_all(_INDICATORS)
        )

    async def add_indicator(self, uri: str, *, default: bool) -> None:
        await self.send("POST", _INDICATORS, {"uri": uri, "default": default})

    async def jwt_template(self) -> str | None:
        """Read the text of the JWT template; None if the environment has none."""
        try:
            content = (await self.send("GET", _TEMPLATE)).get("content")
        except ApiRefused as refused:
            if refused.status == 404:
                return None
            raise
        if not isinstance(content, str):
            raise _foreign(self._base, f"GET {_TEMPLATE}", "an answer without content")
        return content

    async def write_jwt_template(self, content: str) -> None:
        await self.send("PUT", _TEMPLATE, {"content": content})

    async def list_all(self, path: str, **filters: str) -> list[Mapping[str, object]]:
        """Read the rows of all pages of a list.

        Raises:
            ApiRefused: if WorkOS refuses or does not answer.
        """
        wanted = urlencode({"limit": "100", **filters})
        rows: list[Mapping[str, object]] = []
        after = ""
        for _ in range(_MAX_PAGES):
            page = await self.send("GET", f"{path}?{wanted}{f'&after={quote(after)}' if after else ''}")
            data, cursors = page.get("data"), page.get("list_metadata")
            if not isinstance(data, list):
                raise _foreign(self._base, f"GET {path}", "an answer without a list")
            rows += [row for row in data if isinstance(row, dict)]
            after = str((cursors.get("after") if isinstance(cursors, dict) else None) or "")
            if not after:
                break
        return rows

    async def list_unpaged(self, path: str) -> list[Mapping[str, object]]:
        """Read a list that WorkOS answers as a whole, with or without an object around it.

        Raises:
            ApiRefused: if WorkOS refuses or does not answer.
        """
        try:
            found = json.loads((await self._ask("GET", path, None)).body)
        except (ValueError, RecursionError):
            found = None
        rows = found.get("data") if isinstance(found, dict) else found
        if not isinstance(rows, list):
            raise _foreign(self._base, f"GET {path}", "an answer without a list")
        return [row for row in rows if isinstance(row, dict)]

    async def send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Send one request and return the JSON object of its answer; empty if a change was answered without one.

        Raises:
            ApiRefused: if WorkOS refuses or does not answer.
        """
        reply = await self._ask(method, path, body)
        document = reply.document()
        if document is None and method == "GET":
            # Reading it as an empty list would report, and register, something wrong.
            what = f"HTTP {reply.status} without a JSON object"
            raise _foreign(self._base, f"{method} {path.partition('?')[0]}", what)
        return document or {}

    async def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        reply = await self._web.ask(method, self._base + path, headers=headers, body=content)
        asked = f"{method} {path.partition('?')[0]}"
        if not isinstance(reply, Answer):
            raise ApiRefused(f"{self._base} does not answer: {reply.why}", "check the way out to WorkOS")
        if 300 <= reply.status < 400:
            raise _foreign(self._base, asked, f"a redirect to {_host(reply.headers.get('location', ''))}")
        if reply.status >= 400:
            raise _refused(asked, reply)
        return reply


def _foreign(base: str, asked: str, got: str) -> ApiRefused:
    return ApiRefused(
        f"{asked} at {base} gives {got}: that is not the WorkOS API",
        "unset WORKOS_BASE_URL, or set it to the WorkOS API; look for a proxy on the way to it",
    )


def _host(location: str) -> str:
    """The host of a redirect. Its path is left out, because it may repeat the request."""
    try:
        return printable(urlsplit(location).hostname or "a path of its own", 80)
    except ValueError:
        return "an address that is not a URL"


def _read_wait(answer: Answer) -> str:
    """The wait that WorkOS asks for, in seconds (RFC 9110 section 10.2.3)."""
    seconds = answer.headers.get("retry-after", "")
    return f"{seconds} s" if re.fullmatch(r"[0-9]{1,5}", seconds) else "a minute"


def _refused(asked: str, answer: Answer) -> ApiRefused:
    said = printable(str((answer.document() or {}).get("message", "")))
    if answer.status == 401:
        return ApiRefused(
            f"WorkOS refuses the API key (HTTP {answer.status})",
            "set a secret key of this environment (dashboard: API Keys; sk_...) as WORKOS_API_KEY",
            answer.status,
        )
    if answer.status == 403:
        return ApiRefused(
            f"WorkOS does not let this API key do {asked} (HTTP {answer.status}{f': {said}' if said else ''})",
            "set a secret key of this environment that may (dashboard: API Keys; sk_...) as WORKOS_API_KEY",
            answer.status,
        )
    if answer.status == 429 or answer.status >= 500:
        return ApiRefused(
            f"WorkOS is busy or failing (HTTP {answer.status})",
            f"try again in {_read_wait(answer)}",
            answer.status,
        )
    if answer.status == 404:
        return ApiRefused(
            f"WorkOS has no {asked} (HTTP 404{f': {said}' if said else ''})",
            "if WORKOS_BASE_URL names an emulator, it lacks this; else see the WorkOS API reference",
            answer.status,
        )
    return ApiRefused(
        f"WorkOS answers HTTP {answer.status} to {asked}: {said}", "see the WorkOS API reference", answer.status
    )
