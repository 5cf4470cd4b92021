"""What a tool returns, as its author declares it: data, content, or a Result that has both."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp_types import CallToolResult, InputRequiredResult

from app.content import Content, Result
from app.protocol.blocks import block_of
from app.protocol.finite import require_finite
from app.protocol.wire import OwnResult

AsyncFunction: TypeAlias = Callable[..., Awaitable[Any]]


class Returned(FuncMetadata):
    """The SDK's way with data; content becomes blocks, and a Result both."""

    is_result: bool
    data: FuncMetadata
    may_be_json: frozenset[str]
    """Arguments that a client may send as JSON in a string."""
    names: tuple[tuple[str, str], ...]
    """Of each argument in the model, and by which the function takes it."""

    @classmethod
    def of(cls, is_result: bool, data: FuncMetadata) -> "Returned":
        fields = data.arg_model.model_fields.items()
        return cls(
            arg_model=data.arg_model,
            output_schema=data.output_schema,
            is_result=is_result,
            data=data,
            may_be_json=frozenset(
                name for own, field in fields if field.annotation is not str for name in (own, field.alias or own)
            ),
            names=tuple((own, field.alias or own) for own, field in fields),
        )

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        """As the SDK does it, with what is the same for every call looked up once."""
        given = arguments_to_validate
        if any(isinstance(given[name], str) for name in self.may_be_json.intersection(given)):
            given = self.pre_parse_json(given)
        model = self.arg_model.model_validate(given)
        return {name: getattr(model, own) for own, name in self.names}

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, Result) and self.is_result:
            return self._both(result)
        first = result[0] if isinstance(result, list | tuple) and result else result
        if isinstance(first, Result) or (isinstance(first, Content) and self.output_schema):
            # Its data would be lost, or its content be taken for data.
            raise TypeError(f"the tool returned {type(first).__name__}, which its return type does not say")
        return _made(self.data, result if self.output_schema else _with_blocks(result))

    def _both(self, result: Result[Any]) -> CallToolResult | InputRequiredResult:
        require_finite(result.meta)
        made = _made(self.data, result.structured)
        content = [block_of(part) for part in result.parts]
        return made.model_copy(update={"meta": result.meta, **({"content": content} if content else {})})


def _made(data: FuncMetadata, result: Any) -> CallToolResult | InputRequiredResult:
    require_finite(result)  # before: where a type says Any, what is made of it has null there
    made = data.convert_result(result)
    if isinstance(made, CallToolResult):
        require_finite(made.structured_content)
        if made is not result:
            return OwnResult(content=made.content, structured_content=made.structured_content)
    return made


def declared_by(function: AsyncFunction) -> tuple[bool, bool | None]:
    """Whether it returns a Result, and whether the SDK may look for data in its return type (None) or not (False).

    Of a Result, the SDK is left to see the type of its data alone.

    Raises:
        TypeError: for a Result without the type of its data, or one among others.
    """
    signature = inspect.signature(function)
    returns = signature.return_annotation
    if get_origin(returns) is Result:
        (data,) = get_args(returns)
        function.__signature__ = signature.replace(return_annotation=data)  # type: ignore[attr-defined]
        return True, False if data is type(None) else None
    if _mentions(returns, Result):
        raise TypeError("a Result stands alone and names the type of its data; write -> Result[Report]")
    return False, False if _mentions(returns, Content) else None


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
