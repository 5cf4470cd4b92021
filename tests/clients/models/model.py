"""A made-up model on loopback: it calls the tool `whoami` once, repeats what the tool answered, and ends.

A test may give it another plan.

Each API of a provider has a file: how to read a request, and how to say the next step in its format.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

NAME = "made-up"
TOOL = "whoami"
Json = dict[str, Any]


@dataclass(frozen=True)
class Conversation:
    """What the model sees: the tools that it may call, and the last tool's answer."""

    tools: Sequence[str]
    answer: str | None
    is_streamed: bool = True

    def call(self, tool: str, arguments: Mapping[str, Any] = {}, number: int = 1) -> "Call | Say":
        """Call the tool under the name that the client gives it."""
        offered = [name for name in self.tools if name.endswith(tool)]
        if not offered:
            return Say(f"There is no tool {tool} among {len(self.tools)}.")
        return Call(offered[0], arguments, number)


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    number: int = 1
    """Of the call in the conversation."""


@dataclass(frozen=True)
class Say:
    text: str


Plan = Callable[[Conversation], Call | Say]


def call_whoami(conversation: Conversation) -> Call | Say:
    return conversation.call(TOOL) if conversation.answer is None else Say(conversation.answer)


class Format(Protocol):
    """One provider's API."""

    def read(self, path: str, body: Mapping[str, Any]) -> Conversation: ...

    def stream(self, step: Call | Say) -> Iterable[tuple[str | None, Json]]:
        """The events of a streamed answer: the name of each, if the format has names, and its data."""
        ...

    def answer(self, step: Call | Say) -> Json: ...


class Model:
    """Serves the formats, each at its path, and remembers what it was asked."""

    def __init__(self, formats: Mapping[str, Format], plan: Plan) -> None:
        self.conversations: list[Conversation] = []
        self._plan = plan
        self._formats = formats
        self.app = Starlette(
            routes=[
                Route("/{path:path}", self._answer, methods=["POST"]),
                Route("/{path:path}", self._list, methods=["GET", "HEAD"]),
            ]
        )

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        found = [each for end, each in self._formats.items() if path.endswith(end)]
        if not found:
            return JSONResponse({"totalTokens": 1, "input_tokens": 1})  # a count of tokens, or telemetry
        (api,) = found
        conversation = api.read(path, await request.json())
        self.conversations.append(conversation)
        step = self._plan(conversation)
        if not conversation.is_streamed:
            return JSONResponse(api.answer(step))
        return StreamingResponse(map(_event, api.stream(step)), media_type="text/event-stream")

    async def _list(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": NAME, "object": "model"}]})


def _event(event: tuple[str | None, Json]) -> str:
    name, data = event
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(data)}\n\n"


def text_of(content: object) -> str:
    """The text in a message's content, which is a string or a list of blocks."""
    return content if isinstance(content, str) else json.dumps(content)
