"""How arguments of a function are read, and what a tool returns: data, content, or a Result that has both."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, cast, get_args, get_origin

from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.server.mcpserver.utilities.types import Audio, Image
from mcp_types import CallToolResult, ContentBlock, InputRequiredResult, TextContent

from app.audit.record import get_record
from app.authoring.content import Content, Result, Text
from app.protocol.schemas.arguments import JsonInText, read_json_in_text
from app.protocol.schemas.output import Output, OutputMismatch, require_finite, write_json_text, write_text
from app.protocol.schemas.output_types import describe_output
from app.protocol.serving.blocks import write_block

AsyncFunction: TypeAlias = Callable[..., Awaitable[Any]]

_BLOCKS = (*get_args(ContentBlock), Image, Audio)
"""The SDK's own kinds of content, which a tool may return too."""


@dataclass(frozen=True)
class ReturnType:
    """What the return type of a tool says."""

    is_result: bool = False
    is_content: bool = False
    output: Output | None = None
    """Its data; None if the result has no data, or if the SDK writes it (`is_sdk_result`)."""
    is_sdk_result: bool = False


class ArgumentReader(FuncMetadata):
    """How the SDK reads the arguments of a function; the record gets those that it may show."""

    json_in_text: Mapping[str, JsonInText]
    """Arguments that a client may send as JSON in a text, by name."""
    is_all_text: bool = False
    """Whether the protocol has only texts for the arguments, as for prompts, resources and completions."""

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        validated = super().validate_arguments(arguments_to_validate)
        get_record().show_validated(validated, as_text=self.is_all_text)
        return validated

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        return read_json_in_text(self.arg_model, self.json_in_text, data) if self.json_in_text else data


class ToolFunction(ArgumentReader):
    """Reads the arguments of a tool, and writes its data, its content or a Result of both."""

    returns: ReturnType
    sdk: FuncMetadata
    """The SDK's own, which writes content and the SDK's own results."""

    @classmethod
    def from_sdk(
        cls, sdk: FuncMetadata, returns: ReturnType, json_in_text: Mapping[str, JsonInText]
    ) -> "ToolFunction":
        return cls(
            arg_model=sdk.arg_model,
            output_schema=returns.output.schema if returns.output else sdk.output_schema,
            returns=returns,
            sdk=sdk,
            json_in_text=json_in_text,
        )

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, Result) and self.returns.is_result:
            return self._write_both(result)
        first = result[0] if isinstance(result, list | tuple) and result else result
        if isinstance(first, Result) or (isinstance(first, Content) and self.output_schema):
            # Otherwise the data would be lost, or content be written as data.
            raise TypeError(f"the tool returned {type(first).__name__}, which its return type does not say")
        if isinstance(result, CallToolResult | InputRequiredResult):
            return self._check(result)
        if self.returns.output is not None:
            return _write_data(self.returns.output, result)
        require_finite(result)
        if self.returns.is_content or _holds_content(result):
            made = cast("CallToolResult", self.sdk.convert_result(_write_blocks(result)))
            return CallToolResult(content=made.content)
        return CallToolResult(content=[TextContent(text=write_text(result))])

    def _write_both(self, result: Result[Any]) -> CallToolResult:
        require_finite(result.meta)
        content = [write_block(part) for part in result.parts]
        if self.returns.output is None:
            made = CallToolResult(content=[TextContent(text=write_text(result.structured))])
            is_text_wanted = not content
        else:
            made = _write_data(self.returns.output, result.structured)
            is_text_wanted = bool(made.is_error) or not any(isinstance(part, str | Text) for part in result.parts)
        if is_text_wanted:
            content = [*made.content, *content]
        return made.model_copy(update={"content": content, "meta": result.meta})

    def _check(self, result: CallToolResult | InputRequiredResult) -> CallToolResult | InputRequiredResult:
        if isinstance(result, CallToolResult):
            require_finite(result.structured_content)
        return self.sdk.convert_result(result)


def _write_data(output: Output, returned: Any) -> CallToolResult:
    """Data as data and as text (server/tools, Structured Content): most clients show a model the text."""
    try:
        written = output.write(returned)
    except OutputMismatch as mismatch:
        return CallToolResult(content=[TextContent(text=str(mismatch))], is_error=True)
    own = written.get("result") if output.is_wrapped else None
    # A text stays without quotes.
    text = own if isinstance(own, str) and isinstance(returned, str) else write_json_text(written)
    return CallToolResult(content=[TextContent(text=text)], structured_content=written)


def read_return_type(function: AsyncFunction, tool: str) -> ReturnType:
    """What the signature of the function says.

    Raises:
        TypeError: a Result stands among other types, or without the type of its data.
        pydantic.PydanticUserError: pydantic does not know a part of the type.
    """
    signature = inspect.signature(function)
    returns = signature.return_annotation
    if get_origin(returns) is Result:
        (data,) = get_args(returns)
        return ReturnType(is_result=True, output=None if data is type(None) else describe_output(data, tool))
    if _mentions(returns, Result):
        raise TypeError("a Result stands alone and names the type of its data; write -> Result[Report]")
    if _mentions(returns, CallToolResult):
        return ReturnType(is_sdk_result=True)
    hint = _without_questions(returns)
    if any(_mentions(hint, kind) for kind in (Content, *_BLOCKS)):
        return ReturnType(is_content=True)
    return ReturnType(output=None if hint in (None, inspect.Signature.empty) else describe_output(hint, tool))


def _without_questions(hint: Any) -> Any:
    """The return type without InputRequiredResult, with which a tool asks; None if nothing else is in it."""
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    data = tuple(arm for arm in arms if not _mentions(arm, InputRequiredResult))
    if len(data) == len(arms):
        return hint
    return Union[data] if data else None  # noqa: UP007 - Python has no other way to build a union from a tuple


def _mentions(hint: Any, kind: type) -> bool:
    """Whether the hint is this kind, or a list, a tuple or a union that has it."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Annotated, Union, UnionType, list, tuple, Sequence):
        return any(_mentions(part, kind) for part in parts)
    return isinstance(origin or hint, type) and issubclass(origin or hint, kind)


def _write_blocks(value: Any) -> Any:
    if isinstance(value, Content):
        return write_block(value)
    return [_write_blocks(each) for each in value] if isinstance(value, list | tuple) else value


def _holds_content(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_content(each) for each in value)
    return isinstance(value, (Content, *_BLOCKS))
