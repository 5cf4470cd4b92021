"""Makes functions ready at the start: their dependencies, their checks, their schemas."""

import functools
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server.mcpserver.tools.base import Tool
from mcp.shared.inbound import x_mcp_header_map
from mcp_types import ToolAnnotations
from pydantic.json_schema import PydanticJsonSchemaWarning

from app.authoring.json_schema import patterns_in
from app.protocol.catalogue.definition import CatalogueError, Definition
from app.protocol.catalogue.dependency import InjectionError
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.schemas.arguments import (
    find_json_in_text,
    rename_parameters,
)
from app.protocol.schemas.bounded_model import bound_validation
from app.protocol.schemas.client_schema import InputSchemaGenerator, needs_own_generator, simplify
from app.protocol.schemas.findings import log_findings
from app.protocol.schemas.input_schema import choose_input_schema
from app.protocol.serving.function import ServedFunction, inject, run_check
from app.protocol.serving.guard import Guard, KindGuard
from app.protocol.serving.results import ArgumentReader, AsyncFunction, ReturnType, ToolFunction, read_return_type


def prepare_function(
    noun: str,
    definition: Definition[Any],
    guard: KindGuard,
    *,
    completer: Callable[..., Any] | None = None,
    annotations: ToolAnnotations | None = None,
    convert: Callable[[Any], Any] | None = None,
    instead: Callable[[], Awaitable[Any]] | None = None,
) -> ServedFunction:
    """Make the function of a definition ready to be called, or a completer of its arguments.

    Args:
        noun: What callers call it, such as "tool".
        definition: What the guard decides about.
        guard: That of its kind.
        completer: The function, if it is not that of the definition.
        annotations: Those of a tool.
        convert: Brings the result into its form, for everything except tools. Arguments are then texts.
        instead: Runs in the place of the function, once the caller is let in and the arguments are valid. Its
            result is not converted.

    Raises:
        CatalogueError: it has a type that no schema can describe, or cannot be called.
    """
    try:
        plan = InjectionPlan.for_function(completer or definition.function)
        own = inject(plan) if instead is None else _replace_body(inject(plan), instead)
        function = own if completer else _add_check(definition, own, guard.guard)
        returns = ReturnType() if convert else read_return_type(function, definition.name)
        tool = _build_tool(definition, _add_conversion(function, convert), annotations, returns)
    except InjectionError as error:
        raise CatalogueError(
            f"{definition.file}: a {noun} of {definition.name} cannot be called: {error}"
        ) from error
    except Exception as error:
        raise CatalogueError(
            f"{definition.file}: {noun} {definition.name} has a type that no schema can show: {error}"
        ) from error
    _forbid_check_with_resolver(noun, definition, tool)
    model = tool.fn_metadata.arg_model
    json_in_text = find_json_in_text(model, tool.parameters)
    bound_validation(model)
    if convert is not None:
        tool.fn_metadata = ArgumentReader(arg_model=model, json_in_text=json_in_text, is_all_text=True)
    else:
        _choose_input(definition, tool)
        tool.fn_metadata = ToolFunction.from_sdk(tool.fn_metadata, returns, json_in_text)
        _choose_output(definition, tool.fn_metadata)
    has_parameter_headers = bool(x_mcp_header_map(tool.parameters))
    return ServedFunction(
        noun,
        definition,
        tool,
        guard,
        has_parameter_headers=has_parameter_headers,
        has_clean_up=plan.yields,
        is_converted=instead is None,
    )


def _build_tool(
    definition: Definition[Any],
    function: AsyncFunction,
    annotations: ToolAnnotations | None,
    returns: ReturnType,
) -> Tool:
    rename_parameters(function)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)  # about a default that JSON cannot write
        return Tool.from_function(
            function,
            name=definition.name,
            title=definition.metadata.title,
            description=definition.description,
            annotations=annotations,
            # We describe and write data ourselves, except in the SDK's own results.
            structured_output=None if returns.is_sdk_result else False,
        )


def _forbid_check_with_resolver(noun: str, definition: Definition[Any], tool: Tool) -> None:
    if tool.resolved_params and definition.metadata.access.checks:
        # The SDK resolves first. A caller whom the check denies would be asked, and would see the question.
        raise CatalogueError(
            f"{definition.file}: {noun} {definition.name} has a check and a Resolve parameter; "
            "take CurrentAsk instead"
        )


def _choose_input(definition: Definition[Any], tool: Tool) -> None:
    model, made = tool.fn_metadata.arg_model, tool.parameters
    if needs_own_generator(made):
        made = model.model_json_schema(schema_generator=InputSchemaGenerator)
    tool.parameters = choose_input_schema(definition, simplify(made))
    _require_readable(definition, "parameters", tool.parameters, model.__pydantic_core_schema__)
    log_findings(definition, tool.parameters)


def _choose_output(definition: Definition[Any], function: ToolFunction) -> None:
    if function.output_schema is None:
        return
    function.output_schema = simplify(function.output_schema)
    output = function.returns.output
    core_schema = output.adapter.core_schema if output else None
    _require_readable(definition, "the result", function.output_schema, core_schema)


def _require_readable(definition: Definition[Any], what: str, schema: dict[str, Any], core_schema: Any) -> None:
    """Raises: CatalogueError, for a pattern that JavaScript cannot read."""
    if not any(patterns_in(schema)):
        return
    from app.protocol.schemas.pattern_problems import find_pattern_problem  # compiling its own takes milliseconds

    if problem := find_pattern_problem(schema, core_schema):
        raise CatalogueError(f"{definition.file}: {what} of tool {definition.name}: {problem}")


def _replace_body(function: AsyncFunction, instead: Callable[[], Awaitable[Any]]) -> AsyncFunction:
    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        return await instead()

    return call


def _add_check(definition: Definition[Any], function: AsyncFunction, guard: Guard) -> AsyncFunction:
    """The function with its checks before it, which need valid arguments."""
    if not (checks := definition.metadata.access.checks):
        return function
    plans = {check: InjectionPlan.for_function(check.function) for check in checks}

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        run = functools.partial(run_check, plans, arguments)
        if (denial := await guard.decide_arguments(definition, run)) is not None:
            raise denial.build_error()
        return await function(**arguments)

    return call


def _add_conversion(function: AsyncFunction, convert: Callable[[Any], Any] | None) -> AsyncFunction:
    if convert is None:
        return function

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        return convert(await function(**arguments))

    return call
