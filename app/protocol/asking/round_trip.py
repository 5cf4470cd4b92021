"""What an author's questions become: one round trip of a call, with the answers so far and what is asked next."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp_types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitRequestURLParams,
    InputRequiredResult,
    InputResponseRequestParams,
)

from app.authoring.ask import Answer, Ask, Model, T, bind_ask, check_page_url, copy_through_json
from app.authoring.form import build_form
from app.protocol.asking.answers import read_consent, read_form
from app.protocol.asking.capability import Mode, lacks, modes_of
from app.protocol.asking.progress import Progress
from app.runtime.loop import Interruption


class Unanswered(Interruption):
    """Ends the round trip. No Exception, so that no `except Exception` of an author goes on without the answer."""


class RoundTrip(Ask):
    """Nothing of it outlives the reply: the client keeps the progress, sealed."""

    def __init__(
        self,
        word: str,
        context: ServerRequestContext[Any],
        params: InputResponseRequestParams | None,
    ) -> None:
        """`word` is what the call is to its caller, such as "tool"."""
        # Looked at by questions alone: most calls ask none.
        self._word, self._context = word, context
        self._progress = Progress.of(params)
        self._times: dict[str, int] = {}
        self._open: dict[str, ElicitRequest] = {}
        self._waiting: list[Answer[Any]] = []
        self._ends = False

    async def run(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """What the call gives, or what has to be asked before it can go on."""
        bind_ask(self)
        result = None
        try:
            result = await call()
        except (Unanswered, BaseExceptionGroup, Exception):
            if not self._ends:
                raise
        # Whatever became of it on its way out: once somebody waits for an answer, nothing else counts.
        if self._ends:
            state = self._progress.written(asked=list(self._open))
            return InputRequiredResult(input_requests=dict(self._open), request_state=state)
        if not all(answer.is_awaited for answer in self._waiting):
            raise SdkToolError from RuntimeError("asked the user and did not wait: write `await ask(...)`")
        return result

    def __call__(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        form = ElicitRequestFormParams(message=question, requested_schema=build_form(answer))
        return self._question("form", form, partial(read_form, answer), otherwise)

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        page = ElicitRequestURLParams(message=why, url=check_page_url(url))
        return self._question("url", page, read_consent, otherwise)

    async def keep(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        kept = self._progress.kept
        if name not in kept:
            kept[name] = copy_through_json(name, await make())
        value: T = kept[name]
        return value

    def _question(
        self,
        mode: Mode,
        params: ElicitRequestParams,
        read: Callable[[Mapping[str, Any]], T],
        otherwise: T | Exception | None,
    ) -> Answer[T]:
        request = ElicitRequest(params=params)
        key = self._key(request)
        if (given := self._progress.answers.get(key)) is not None:
            return Answer(partial(read, given))
        if mode not in modes_of(self._context):
            return Answer(partial(self._instead, mode, otherwise))
        self._open[key] = request
        self._waiting.append(waiting := Answer[T](self._end))
        return waiting

    def _key(self, request: ElicitRequest) -> str:
        """Says what was asked, word for word: an answer to another question is none to this one."""
        rendered = json.dumps(request.model_dump(by_alias=True, mode="json", exclude_none=True))
        digest = hashlib.sha256(rendered.encode()).hexdigest()[:16]
        self._times[digest] = self._times.get(digest, 0) + 1
        return f"{digest}.{self._times[digest]}"

    def _end(self) -> NoReturn:
        self._ends = True
        raise Unanswered

    def _instead(self, mode: Mode, otherwise: T | Exception | None) -> T:
        """For a client that may not be asked: it has not declared that it can (MRTR, server requirements)."""
        if isinstance(otherwise, Exception):
            raise otherwise
        if otherwise is not None:
            return otherwise
        raise lacks(mode, self._word, self._context.protocol_version)
