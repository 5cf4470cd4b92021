"""A definition made ready to be served, once at the start: its schema, its dependencies, its checks."""

import functools
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from mcp.server.mcpserver.tools.base import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.shared.inbound import x_mcp_header_map
from mcp_types import ToolAnnotations
from pydantic.json_schema import PydanticJsonSchemaWarning

from app.audit.record import get_record
from app.authoring.json_schema import patterns_in
from app.protocol.catalogue.definition import CatalogueError, Definition
from app.protocol.catalogue.injection import InjectionError, inject
from app.protocol.schemas.arguments import (
    JsonInText,
    find_json_in_text,
    read_json_in_text,
    rename_parameters,
)
from app.protocol.schemas.bounded_model import bound_validation
from app.protocol.schemas.client_schema import InputSchemaGenerator, forbids_others, simplify
from app.protocol.schemas.findings import log_findings
from app.protocol.schemas.input_schema import choose_input_schema
from app.protocol.serving.function import Served, Terms
from app.protocol.serving.guard import Guard, enforce
from app.protocol.serving.results import Declared, Returned, declared_by

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
        function = _fitted(function, fit)
        rename_parameters(function)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)  # of a default that no schema can show
            tool = Tool.from_function(
                function,
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
    model = tool.fn_metadata.arg_model
    json_in_text = find_json_in_text(model, tool.parameters)
    bound_validation(model)
    if fit is not None:
        tool.fn_metadata = _Texts(arg_model=model, json_in_text=json_in_text)
    else:
        _show_input(definition, tool)
        tool.fn_metadata = Returned.of(declared, tool.fn_metadata, json_in_text)
        _show_output(definition, tool.fn_metadata)
    return Served(word, definition, tool, terms, is_mirrored=bool(x_mcp_header_map(tool.parameters)))


def _show_input(definition: Definition[Any], tool: Tool) -> None:
    model, made = tool.fn_metadata.arg_model, tool.parameters
    if forbids_others(made):
        made = model.model_json_schema(schema_generator=InputSchemaGenerator)
    tool.parameters = choose_input_schema(definition, simplify(made))
    _require_readable(definition, "parameters", tool.parameters, model.__pydantic_core_schema__)
    log_findings(definition, tool.parameters)


def _show_output(definition: Definition[Any], returned: Returned) -> None:
    if returned.output_schema is None:
        return
    returned.output_schema = simplify(returned.output_schema)
    output = returned.declared.output
    core_schema = output.adapter.core_schema if output else None
    _require_readable(definition, "the result", returned.output_schema, core_schema)


def _require_readable(definition: Definition[Any], what: str, schema: dict[str, Any], core_schema: Any) -> None:
    """Raises: CatalogueError, for a pattern that JavaScript cannot read."""
    if not any(patterns_in(schema)):
        return
    from app.protocol.schemas.pattern_problems import find_pattern_problem  # compiling its own takes milliseconds

    if problem := find_pattern_problem(schema, core_schema):
        raise CatalogueError(f"{definition.file}: {what} of tool {definition.name}: {problem}")


class _Texts(FuncMetadata):
    """Arguments of what has no result of its own kind: prompts, resources and completions."""

    json_in_text: Mapping[str, JsonInText]

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        validated = super().validate_arguments(arguments_to_validate)
        get_record().show_validated(validated, as_text=True)
        return validated

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        return read_json_in_text(self.arg_model, self.json_in_text, data)


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
