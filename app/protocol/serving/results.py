"""What a tool returns, as its author declares it: data, content, or a Result that has both."""

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
from app.protocol.schemas.json_values import require_finite, write_json_text, write_text
from app.protocol.schemas.output import Output, OutputMismatch
from app.protocol.schemas.output_types import describe_output
from app.protocol.serving.blocks import block_of

AsyncFunction: TypeAlias = Callable[..., Awaitable[Any]]


_BLOCKS = (*get_args(ContentBlock), Image, Audio)
"""The SDK's own content, which a tool may return too."""


@dataclass(frozen=True)
class Declared:
    """What the return type says."""

    is_result: bool = False
    is_content: bool = False
    output: Output | None = None
    """The data in it; None leaves it to the SDK, if that `is_sdks`, and else there is none."""
    is_sdks: bool = False


class Returned(FuncMetadata):
    """The SDK's way with arguments; data, content and a Result of both are brought into their form here."""

    declared: Declared
    data: FuncMetadata
    json_in_text: Mapping[str, JsonInText]
    """Arguments that a client may send as JSON in a string."""
    names: tuple[tuple[str, str], ...]
    """Of each argument in the model, and by which the function takes it."""

    @classmethod
    def of(cls, declared: Declared, data: FuncMetadata, json_in_text: Mapping[str, JsonInText]) -> "Returned":
        fields = data.arg_model.model_fields.items()
        return cls(
            arg_model=data.arg_model,
            output_schema=declared.output.schema if declared.output else data.output_schema,
            declared=declared,
            data=data,
            json_in_text=json_in_text,
            names=tuple((own, field.alias or own) for own, field in fields),
        )

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        """As the SDK does it, with what is the same for every call looked up once."""
        given = arguments_to_validate
        if any(isinstance(given[name], str) for name in self.json_in_text.keys() & given.keys()):
            given = self.pre_parse_json(given)
        model = self.arg_model.model_validate(given)
        validated = {name: getattr(model, own) for own, name in self.names}
        get_record().show_validated(validated)
        return validated

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        return read_json_in_text(self.arg_model, self.json_in_text, data)

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, Result) and self.declared.is_result:
            return self._both(result)
        first = result[0] if isinstance(result, list | tuple) and result else result
        if isinstance(first, Result) or (isinstance(first, Content) and self.output_schema):
            # Its data would be lost, or its content be taken for data.
            raise TypeError(f"the tool returned {type(first).__name__}, which its return type does not say")
        if isinstance(result, CallToolResult | InputRequiredResult):
            return self._sdks(result)
        if self.declared.output is not None:
            return _data(self.declared.output, result)
        require_finite(result)
        if self.declared.is_content or _holds_content(result):
            made = cast("CallToolResult", self.data.convert_result(_with_blocks(result)))
            return CallToolResult(content=made.content)
        return CallToolResult(content=[TextContent(text=write_text(result))])

    def _both(self, result: Result[Any]) -> CallToolResult:
        require_finite(result.meta)
        content = [block_of(part) for part in result.parts]
        if self.declared.output is None:
            made = CallToolResult(content=[TextContent(text=write_text(result.structured))])
            is_text_wanted = not content
        else:
            made = _data(self.declared.output, result.structured)
            is_text_wanted = bool(made.is_error) or not any(isinstance(part, str | Text) for part in result.parts)
        if is_text_wanted:
            content = [*made.content, *content]
        return made.model_copy(update={"content": content, "meta": result.meta})

    def _sdks(self, result: CallToolResult | InputRequiredResult) -> CallToolResult | InputRequiredResult:
        if isinstance(result, CallToolResult):
            require_finite(result.structured_content)
        return self.data.convert_result(result)


def _data(output: Output, returned: Any) -> CallToolResult:
    """Once as data and once as text (MCP server/tools, Structured Content): most clients show a model the text."""
    try:
        written = output.write(returned)
    except OutputMismatch as mismatch:
        return CallToolResult(content=[TextContent(text=str(mismatch))], is_error=True)
    own = written.get("result") if output.is_wrapped else None
    # What is text already is not put in quotes.
    text = own if isinstance(own, str) and isinstance(returned, str) else write_json_text(written)
    return CallToolResult(content=[TextContent(text=text)], structured_content=written)


def declared_by(function: AsyncFunction, tool: str) -> Declared:
    """What the function returns, by its signature.

    Raises:
        TypeError: for a Result without the type of its data, or one among others.
        pydantic.PydanticUserError: pydantic does not know a part of the type.
    """
    signature = inspect.signature(function)
    returns = signature.return_annotation
    if get_origin(returns) is Result:
        (data,) = get_args(returns)
        return Declared(is_result=True, output=None if data is type(None) else describe_output(data, tool))
    if _mentions(returns, Result):
        raise TypeError("a Result stands alone and names the type of its data; write -> Result[Report]")
    if _mentions(returns, CallToolResult):
        return Declared(is_sdks=True)
    hint = _without_questions(returns)
    if any(_mentions(hint, kind) for kind in (Content, *_BLOCKS)):
        return Declared(is_content=True)
    return Declared(output=None if hint in (None, inspect.Signature.empty) else describe_output(hint, tool))


def _without_questions(hint: Any) -> Any:
    """The return type without InputRequiredResult, by which a tool asks; None if it is nothing else."""
    arms = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    data = tuple(arm for arm in arms if not _mentions(arm, InputRequiredResult))
    if len(data) == len(arms):
        return hint
    return Union[data] if data else None  # noqa: UP007 - there is no other way to write that of a tuple


def _mentions(hint: Any, kind: type) -> bool:
    """Bare, in a list or tuple, or as one of several."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Annotated, Union, UnionType, list, tuple, Sequence):
        return any(_mentions(part, kind) for part in parts)
    return isinstance(origin or hint, type) and issubclass(origin or hint, kind)


def _with_blocks(value: Any) -> Any:
    if isinstance(value, Content):
        return block_of(value)
    return [_with_blocks(each) for each in value] if isinstance(value, list | tuple) else value


def _holds_content(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_holds_content(each) for each in value)
    return isinstance(value, (Content, *_BLOCKS))
