"""A definition made ready to be served, once at the start: its schema, its dependencies, its checks."""

import functools
from collections.abc import Awaitable, Callable
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from mcp.server.mcpserver.tools.base import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.shared.inbound import x_mcp_header_map
from mcp_types import ToolAnnotations

from app.definition import CatalogueError, Definition
from app.injection import InjectionError, inject
from app.protocol.guard import Guard, enforce
from app.protocol.input_schema import input_schema
from app.protocol.results import Declared, Returned, declared_by
from app.protocol.served import Served, Terms

AsyncFunction: TypeAlias = Callable[..., Awaitable[Any]]


def prepare(
    word: str,
    definition: Definition[Any],
    terms: Terms,
    *,
    completer: Callable[..., Any] | None = None,
    annotations: ToolAnnotations | None = None,
    fit: Callable[[Any], Any] | None = None,
) -> Served:
    """The definition, or a completer of its arguments, served as what `word` says.

    `fit` brings the result of whatever is no tool into its form; what that takes is all text on the wire.

    Raises:
        CatalogueError: it has a type that no schema can show, or cannot be called.
    """
    try:
        function = inject(completer) if completer else _checked(definition, terms.guard)
        declared = Declared() if fit else declared_by(function, definition.name)
        tool = Tool.from_function(
            _fitted(function, fit),
            name=definition.name,
            title=definition.metadata.title,
            description=definition.description,
            annotations=annotations,
            # Data is described and written here, except in the SDK's own results.
            structured_output=None if declared.is_sdks else False,
        )
    except InjectionError as error:
        raise CatalogueError(
            f"{definition.file}: a {word} of {definition.name} cannot be called: {error}"
        ) from error
    except Exception as error:
        raise CatalogueError(
            f"{definition.file}: {word} {definition.name} has a type that no schema can show: {error}"
        ) from error
    if tool.resolved_params and definition.access.checks:
        # The SDK resolves first: a caller whom the check denies would be asked, and shown what is asked.
        raise CatalogueError(
            f"{definition.file}: {word} {definition.name} has a check and a Resolve parameter; "
            "take CurrentAsk instead"
        )
    if fit is not None:
        tool.fn_metadata = _Texts.of(tool.fn_metadata.arg_model)
    else:
        tool.fn_metadata = Returned.of(declared, tool.fn_metadata)
        tool.parameters = input_schema(definition, tool.parameters)
    return Served(word, definition, tool, terms, is_mirrored=bool(x_mcp_header_map(tool.parameters)))


class _Texts(FuncMetadata):
    """Arguments that are all text on the wire: what may be text stays text, even if it reads like JSON."""

    texts: frozenset[str]

    @classmethod
    def of(cls, arguments: type[ArgModelBase]) -> "_Texts":
        fields = arguments.model_fields.items()
        texts = frozenset(field.alias or name for name, field in fields if _may_be_text(field.annotation))
        return cls(arg_model=arguments, texts=texts)

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        parsed = super().pre_parse_json(data)
        return parsed | {name: data[name] for name in self.texts if name in data}


def _may_be_text(hint: Any) -> bool:
    is_choice = get_origin(hint) in (Annotated, Union, UnionType)
    return hint is str or (is_choice and any(_may_be_text(part) for part in get_args(hint)))


def _checked(definition: Definition[Any], guard: Guard) -> AsyncFunction:
    """What depends on the arguments is asked once they are validated, before anything runs."""
    function = inject(definition.function)
    if not definition.access.checks:
        return function

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        enforce(await guard.check(definition, arguments))
        return await function(**arguments)

    return call


def _fitted(function: AsyncFunction, fit: Callable[[Any], Any] | None) -> AsyncFunction:
    if fit is None:
        return function

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        return fit(await function(**arguments))

    return call
