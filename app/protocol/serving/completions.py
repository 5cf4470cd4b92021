"""completion/complete: values for an argument of a prompt, or for a variable of a resource template."""

from collections.abc import Mapping
from typing import Any, TypeAlias, get_type_hints

from mcp.server.context import ServerRequestContext
from mcp_types import CompleteRequestParams, CompleteResult, Completion, PromptReference

from app.authoring.complete import find_completion
from app.protocol.catalogue.definition import CatalogueError
from app.protocol.serving.function import ServedFunction
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function
from app.protocol.serving.prompts import Prompts, build_unknown_prompt
from app.protocol.serving.resources import Resources, build_unknown_resource
from app.protocol.wire.errors import NotOffered

MAX_VALUES = 100
"""Values in one answer, by the schema of Completion."""

Completers: TypeAlias = Mapping[str, ServedFunction]
"""By the name of the argument."""


class Completions:
    """All functions that complete an argument, made ready once."""

    def __init__(self, prompts: Prompts, resources: Resources) -> None:
        self._prompts = _KindCompleters(prompts.functions, prompts.guard)
        self._resources = _KindCompleters(resources.by_uri, resources.guard)

    def __bool__(self) -> bool:
        """Whether there is one."""
        owners = [*self._prompts.by_owner.values(), *self._resources.by_owner.values()]
        return any(completers for _, completers in owners)

    async def complete(self, context: ServerRequestContext[Any], params: CompleteRequestParams) -> CompleteResult:
        """Answer completion/complete, with nothing for an argument without a completer.

        Raises:
            MCPError: no list of this caller shows the prompt or the URI, or the completer failed.
        """
        try:
            values = await self._find_values(context, params)
        except NotOffered:
            if isinstance(params.ref, PromptReference):
                raise build_unknown_prompt() from None
            raise build_unknown_resource(params.ref.uri, context.protocol_version) from None
        shown, total = values[:MAX_VALUES], len(values)
        return CompleteResult(completion=Completion(values=shown, total=total, has_more=total > MAX_VALUES))

    async def _find_values(self, context: ServerRequestContext[Any], params: CompleteRequestParams) -> list[str]:
        ref, argument = params.ref, params.argument
        if isinstance(ref, PromptReference):
            kind, key = self._prompts, ref.name
        else:
            kind, key = self._resources, ref.uri
        if key not in kind.by_owner:
            await kind.guard.refuse_unknown()
        owner, completers = kind.by_owner[key]
        completer = completers.get(argument.name)
        if completer is None:
            await owner.guard.admit(owner.definition)
            return []
        first, *others = completer.tool.parameters["properties"]
        filled = (params.context.arguments if params.context else None) or {}
        names = owner.definition.argument_names
        known = {name: filled[wire] for name in others if (wire := names.get(name, name)) in filled}
        values: list[str] = await completer(context, None, {first: argument.value, **known})
        return values


class _KindCompleters:
    """All prompts or all resources, with the completers of their arguments."""

    def __init__(self, functions: Mapping[str, ServedFunction], guard: KindGuard) -> None:
        self.by_owner = {key: (each, _prepare_completers(each)) for key, each in functions.items()}
        self.guard = guard


def _prepare_completers(owner: ServedFunction) -> Completers:
    hints = get_type_hints(owner.definition.function, include_extras=True)
    return {
        wire: _prepare_completer(owner, name, completion.function)
        for name, wire in owner.definition.argument_names.items()
        if name in hints and (completion := find_completion(hints[name])) is not None
    }


def _prepare_completer(owner: ServedFunction, name: str, function: Any) -> ServedFunction:
    """Raises: CatalogueError, for a completer that cannot be called."""
    completer = prepare_function(
        "completion", owner.definition, owner.guard, completer=function, convert=_require_texts
    )
    schema = completer.tool.parameters
    parameters = list(schema.get("properties", {}))
    where = f"{owner.definition.file}: the completion of {name} in {owner.noun} {owner.definition.name}"
    if not parameters:
        raise CatalogueError(f"{where} takes nothing; its first parameter is what was typed so far: prefix: str")
    names = owner.definition.argument_names
    for other in parameters[1:]:
        if other not in (*names, *names.values()):
            raise CatalogueError(f"{where} takes {other}, which is no argument there; rename or remove it")
        if other in schema.get("required", ()):
            raise CatalogueError(f"{where} takes {other} without a default; it may not be filled in yet")
    return completer


def _require_texts(returned: Any) -> list[str]:
    values = list(returned)
    if isinstance(returned, str) or not all(isinstance(value, str) for value in values):
        raise TypeError("a completion returns a list of strings")
    return values
