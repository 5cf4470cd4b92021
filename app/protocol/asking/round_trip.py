"""One round trip of a call that asks its user: the answers so far go in, the next questions come out."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp_types import (
    INTERNAL_ERROR,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitRequestURLParams,
    ElicitResult,
    InputRequiredResult,
    InputResponseRequestParams,
)

from app.authoring.ask import Answer, Ask, Model, T, check_page_url, copy_through_json, current_ask
from app.authoring.form import build_form
from app.protocol.asking.answers import Mode, build_refusal, find_modes, read_consent, read_form
from app.protocol.wire.errors import CallFailed
from app.runtime.loop import Interruption

MAX_STATE_BYTES = 64 * 1024
"""Bytes of a state, which the client gets and sends back in each round trip."""


class RoundTripEnd(Interruption):
    """Ends the round trip. It is not an Exception, so that an author's `except Exception` does not catch it."""


@dataclass(slots=True)
class Progress:
    """How far a call has come. It travels in the request state, which the client can neither read nor change."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """As the client gave them, by the key of the question."""
    asked: list[str] = field(default_factory=list)
    """The keys of the questions that went out last."""
    values: dict[str, Any] = field(default_factory=dict)
    """What the function keeps with `ask.keep`."""

    @classmethod
    def read(cls, params: InputResponseRequestParams | None) -> "Progress":
        """The progress before this round trip, with the answers that came now.

        An answer counts only if its question went out last (MRTR); others are ignored.
        """
        progress = cls._parse(params.request_state if params else None)
        given: Mapping[str, Any] = (params.input_responses if params else None) or {}
        for key in progress.asked:
            if isinstance(answer := given.get(key), ElicitResult):
                progress.answers[key] = {"action": answer.action, "content": answer.content}
        return progress

    @classmethod
    def _parse(cls, state: str | None) -> "Progress":
        try:
            return cls(**json.loads(state)) if state else cls()
        except (TypeError, ValueError):
            # Another release of the function wrote it: ask again.
            return cls()

    def write(self, asked: list[str]) -> str:
        """The state for the next round trip.

        Raises:
            CallFailed: it is larger than MAX_STATE_BYTES.
        """
        members = {"answers": self.answers, "asked": asked, "values": self.values}
        state = json.dumps(members, separators=(",", ":"))
        if len(state) > MAX_STATE_BYTES:
            kibibytes = MAX_STATE_BYTES // 1024
            text = f"What would have to be remembered until the next answer is more than {kibibytes} KiB."
            raise CallFailed(INTERNAL_ERROR, text)
        return state


class RoundTrip(Ask):
    """The `ask` of one call. The client holds its progress, so nothing of it stays here after the reply."""

    def __init__(
        self,
        noun: str,
        context: ServerRequestContext[Any],
        params: InputResponseRequestParams | None,
    ) -> None:
        """`noun` names what was called, such as "tool"."""
        # Most calls ask nothing, so only a question looks at what the client can do.
        self._noun, self._context = noun, context
        self._progress = Progress.read(params)
        self._repeats: dict[str, int] = {}
        self._open: dict[str, ElicitRequest] = {}
        self._waiting: list[Answer[Any]] = []
        self._has_ended = False

    async def run(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """The result of the call, or the questions that come before it."""
        current_ask.bind(self)
        result = None
        try:
            result = await call()
        except (RoundTripEnd, BaseExceptionGroup, Exception):
            if not self._has_ended:
                raise
        # Once a question is awaited the round trip ends, even if the author caught our exception.
        if self._has_ended:
            state = self._progress.write(asked=list(self._open))
            return InputRequiredResult(input_requests=dict(self._open), request_state=state)
        if not all(answer.is_awaited for answer in self._waiting):
            raise SdkToolError from RuntimeError("asked the user and did not wait: write `await ask(...)`")
        return result

    def __call__(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        form = ElicitRequestFormParams(message=question, requested_schema=build_form(answer))
        return self._ask("form", form, partial(read_form, answer), otherwise)

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        page = ElicitRequestURLParams(message=why, url=check_page_url(url))
        return self._ask("url", page, read_consent, otherwise)

    async def keep(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        values = self._progress.values
        if name not in values:
            values[name] = copy_through_json(name, await make())
        value: T = values[name]
        return value

    def _ask(
        self,
        mode: Mode,
        params: ElicitRequestParams,
        read: Callable[[Mapping[str, Any]], T],
        otherwise: T | Exception | None,
    ) -> Answer[T]:
        request = ElicitRequest(params=params)
        key = self._make_key(request)
        if (given := self._progress.answers.get(key)) is not None:
            return Answer(partial(read, given))
        if mode not in find_modes(self._context):
            return Answer(partial(self._answer_otherwise, mode, otherwise))
        self._open[key] = request
        self._waiting.append(answer := Answer[T](self._end))
        return answer

    def _make_key(self, request: ElicitRequest) -> str:
        """A digest of the question word for word: after a change of it, old answers no longer count."""
        rendered = json.dumps(request.model_dump(by_alias=True, mode="json", exclude_none=True))
        digest = hashlib.sha256(rendered.encode()).hexdigest()[:16]
        self._repeats[digest] = self._repeats.get(digest, 0) + 1
        return f"{digest}.{self._repeats[digest]}"

    def _end(self) -> NoReturn:
        self._has_ended = True
        raise RoundTripEnd

    def _answer_otherwise(self, mode: Mode, otherwise: T | Exception | None) -> T:
        """For a client that did not declare this mode: the server must not ask it (MRTR, server requirements)."""
        if isinstance(otherwise, Exception):
            raise otherwise
        if otherwise is not None:
            return otherwise
        raise build_refusal(mode, self._noun, self._context.protocol_version)
