"""Connect to a server as a caller, and say in plain words why that does not work."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx2
from mcp import Client
from mcp.client.auth import OAuthFlowError
from mcp.client.session import ElicitationFnT, LoggingFnT
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import Implementation
from pydantic import ValidationError

from infra.operator.report import printable
from infra.operator.web import is_loopback
from infra.terminal.command import TerminalError
from infra.terminal.login import BrowserLogin, ClientForgotten
from infra.terminal.screen import Screen
from infra.terminal.stored_login import StoredLogin
from infra.terminal.target import Target

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
"""A cold start and a tool that uses its 29 seconds fit in."""
_NAME = Implementation(name="terminal", title="make call", version="1")
Result = TypeVar("Result")


@dataclass(slots=True)
class Refusals:
    """The last answer of the server with an error status. The SDK reports its number at most."""

    url: str
    last: httpx2.Response | None = None

    async def note(self, response: httpx2.Response) -> None:
        # httpx2 writes a URL in its normal form, such as without :443.
        if response.request.url == httpx2.URL(self.url):
            self.last = response if response.status_code >= 400 else None
            if self.last:
                await response.aread()


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the server. `use` may log the user in."""

    target: Target
    screen: Screen
    token: str = ""
    stored: StoredLogin | None = None
    """Where the login is kept; without it only a token counts."""
    on_question: ElicitationFnT | None = None
    on_log: LoggingFnT | None = None
    refusals: Refusals = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refusals", Refusals(self.target.url))

    async def use(self, task: Callable[[Client], Awaitable[Result]]) -> Result:
        """Run the task with a connected client.

        Raises:
            TerminalError: if there is no answer, the server refuses the caller, or the login fails.
        """
        try:
            return await self._use(task)
        except ClientForgotten:
            self.screen.note("The login server has forgotten the login that is kept here, so a new one is needed.")
        if self.stored:
            self.stored.forget()
        return await self._use(task)

    async def _use(self, task: Callable[[Client], Awaitable[Result]]) -> Result:
        self.target.require_protection()
        try:
            async with self._open() as client:
                return await task(client)
        except (Exception, ExceptionGroup) as error:
            causes = list(_flatten(error))
            for each in causes:
                if isinstance(each, (TerminalError, ClientForgotten)):
                    raise each from None
            if (message := self._explain(causes)) is None:
                raise
            raise TerminalError(message) from None

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Client]:
        login = None
        if not self.token and self.stored:
            login = BrowserLogin(self.target.url, self.stored, self.screen)
        try:
            async with (
                httpx2.AsyncClient(
                    auth=login.provider if login else None,
                    headers={"authorization": f"Bearer {self.token}"} if self.token else {},
                    event_hooks={"response": [self.refusals.note]},
                    timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                    # A proxy that the shell names cannot reach this machine's loopback.
                    trust_env=not is_loopback(self.target.url),
                ) as http,
                Client(
                    streamable_http_client(self.target.url, http_client=http),
                    client_info=_NAME,
                    elicitation_callback=self.on_question,
                    logging_callback=self.on_log,
                    log_level="info" if self.on_log else None,
                ) as client,
            ):
                yield client
        finally:
            if login and self.stored:
                login.listener.close()
                self.stored.release()

    def _explain(self, causes: list[BaseException]) -> str | None:
        """The message for the user; None if the failure is a mistake in this program."""
        # After a 401 the login may fail too, and then that is what the user has to know.
        for each in causes:
            if isinstance(each, (OAuthFlowError, httpx2.HTTPError)):
                return describe_failed_request(each, self.target)
        if self.refusals.last is not None:
            return explain_refusal(self.refusals.last, has_token=bool(self.token))
        for each in causes:
            if isinstance(each, MCPError):
                return f"The server answers with an error: {printable(each.error.message, 600)}"
            if isinstance(each, ValidationError):
                return f"The server's answer does not follow the protocol ({each.title})"
        return None


def describe_failed_request(error: OAuthFlowError | httpx2.HTTPError, target: Target) -> str:
    """Say which request got no answer, or why the login did not come to an end."""
    if isinstance(error, OAuthFlowError):
        return f"The login failed: {printable(str(error), 400)}"
    why = str(error) or type(error).__name__
    try:
        asked = error.request.url
    except RuntimeError:  # httpx: the exception belongs to no request
        return describe_silence(target, why)
    if str(asked).startswith(f"{target.address.origin}/"):
        return describe_silence(target, why)
    return f"The login failed: no answer from {asked.scheme}://{asked.netloc.decode()}: {printable(why)}"


def describe_silence(target: Target, why: str) -> str:
    """Say that no answer came, and why."""
    if target.is_make_dev:
        return f"Nothing answers at {target.url}: start it with `make dev`, or give PORT=, URL= or STAGE="
    return f"No answer from {target.url}: {printable(why)}"


def explain_refusal(response: httpx2.Response, *, has_token: bool) -> str:
    """Say what the server refused, and what the user can do about it."""
    body = _read_object(response.content)
    # The 2026 era sends JSON-RPC errors with an error status.
    if isinstance(error := body.get("error"), dict):
        return f"The server answers with an error: {printable(str(error.get('message', '')), 600)}"
    why = printable(str(body.get("error_description") or body.get("message") or response.text), 400)
    answer = f"The server answers {response.status_code}{': ' if why else ''}{why}"
    return answer + _advise(response, body, has_token=has_token)


def _advise(response: httpx2.Response, body: Mapping[str, object], *, has_token: bool) -> str:
    if response.status_code == 401 and has_token:
        return "\nGive a new TOKEN, or unset it to log in through the browser."
    if response.status_code == 403 and isinstance(scope := body.get("scope"), str):
        again = "Give a TOKEN with it." if has_token else "Log in again to get it: make logout, then this command."
        return f"\nMissing scope: {printable(scope)}. {again}"
    if response.status_code == 500 and is_loopback(str(response.request.url)):
        return "\nThe terminal of `make dev` says why."
    if response.status_code in (429, 503) and (seconds := response.headers.get("retry-after", "")).isdigit():
        return f"\nTry again in {seconds} s."
    return ""


def _flatten(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions inside of the groups that task groups make."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _flatten(each)
    else:
        yield error


def _read_object(content: bytes) -> dict[str, object]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
