"""A caller with a client: the usual things in one line."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult

T = TypeVar("T")

METHOD_NOT_FOUND = -32601
"""JSON-RPC 2.0 section 5.1."""


class CallFailed(Exception):
    """The server did not do it. The message is what the caller reads.

    If your function raised something that is not for callers, that is the cause: pytest shows its traceback first.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        """`code` is the JSON-RPC error's or the HTTP status, None for a result that says `isError`."""
        super().__init__(message)
        self.code = code


class NoAnswerPrepared(AssertionError):
    """The tool asked its user something, and the test has no answer for it."""


class Caller:
    """A caller with an MCP client of their own, which has logged in."""

    def __init__(self, session: "Client", questions: list[str], explain: Callable[[Exception], Exception]) -> None:
        """`explain` turns an error of the client into the one that a test reads."""
        self.session = session
        """The MCP SDK's client, for all that is not here."""
        self.questions = questions
        """The texts that the user has been asked so far."""
        self._explain = explain

    async def call(self, tool: str, /, **arguments: Any) -> Any:
        """The tool's structured result, or its text if it has none.

        MCP wraps a result that is not an object in `{"result": ...}`; this takes the wrapping off.

        Raises:
            CallFailed: the result says `isError`, or the tool does not exist for this caller.
        """
        result = await self.call_tool(tool, arguments)
        data = result.structured_content
        text = "\n".join(getattr(part, "text", "") for part in result.content)
        if result.is_error:
            self._raise(CallFailed(text))
        if data is None:
            return text
        return data["result"] if data.keys() == {"result"} else data

    async def call_tool(self, tool: str, arguments: Mapping[str, Any] | None = None) -> "CallToolResult":
        """The whole result of tools/call, also one that says `isError`.

        Raises:
            CallFailed: the tool does not exist for this caller.
        """
        return await self._try(self.session.call_tool(tool, dict(arguments or {})))

    async def tools(self) -> list[str]:
        """The names of the tools that this caller sees."""
        return await self._list("tools", lambda tool: tool.name)

    async def prompts(self) -> list[str]:
        """The names of the prompts that this caller sees."""
        return await self._list("prompts", lambda prompt: prompt.name)

    async def resources(self) -> list[str]:
        """The URIs of the resources, and then of the templates, that this caller sees."""
        templates = await self._list("resource_templates", lambda template: template.uri_template)
        return [*await self._list("resources", lambda resource: str(resource.uri)), *templates]

    async def read(self, uri: str) -> str:
        """The first content of a resource; bytes are in base64.

        Raises:
            CallFailed: it does not exist for this caller.
        """
        (first, *_) = (await self._try(self.session.read_resource(uri))).contents
        return str(getattr(first, "text", getattr(first, "blob", "")))

    async def prompt(self, name: str, /, **arguments: str) -> list[str]:
        """The texts of a prompt's messages.

        Raises:
            CallFailed: it does not exist for this caller.
        """
        result = await self._try(self.session.get_prompt(name, arguments))
        return [getattr(message.content, "text", "") for message in result.messages]

    async def _list(self, kind: str, name: Callable[[Any], str]) -> list[str]:
        names: list[str] = []
        cursor: str | None = None
        while True:
            try:
                page = await self._try(getattr(self.session, f"list_{kind}")(cursor=cursor))
            except CallFailed as failed:
                if failed.code == METHOD_NOT_FOUND:  # a server without prompts does not know the method
                    return []
                raise
            names += map(name, getattr(page, kind))
            if (cursor := page.next_cursor) is None:
                return names

    async def _try(self, exchange: Awaitable[T]) -> T:
        try:
            return await exchange
        except Exception as error:  # noqa: BLE001 - of any kind: the test reads the explanation
            self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        explained = self._explain(error)
        raise explained from explained.__cause__


class BlockingCaller:
    """The same caller for a test that is not async: nothing of it has to be awaited."""

    def __init__(self, caller: Caller, run: "Callable[[Callable[[], Awaitable[Any]]], Any]") -> None:
        """`run` calls an async function and waits for its result."""
        self.session = caller.session
        self.questions = caller.questions
        self._caller = caller
        self._run = run

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """See Caller.call."""
        return self._run(partial(self._caller.call, tool, **arguments))

    def call_tool(self, tool: str, arguments: Mapping[str, Any] | None = None) -> "CallToolResult":
        """See Caller.call_tool."""
        result: CallToolResult = self._run(partial(self._caller.call_tool, tool, arguments))
        return result

    def tools(self) -> list[str]:
        """See Caller.tools."""
        return list(self._run(self._caller.tools))

    def prompts(self) -> list[str]:
        """See Caller.prompts."""
        return list(self._run(self._caller.prompts))

    def resources(self) -> list[str]:
        """See Caller.resources."""
        return list(self._run(self._caller.resources))

    def read(self, uri: str) -> str:
        """See Caller.read."""
        return str(self._run(partial(self._caller.read, uri)))

    def prompt(self, name: str, /, **arguments: str) -> list[str]:
        """See Caller.prompt."""
        return list(self._run(partial(self._caller.prompt, name, **arguments)))
