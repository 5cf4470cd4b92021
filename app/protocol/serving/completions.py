"""completion/complete: what may be filled in for an argument of a prompt or a variable of a template."""

from collections.abc import Mapping
from typing import Any, TypeAlias, get_type_hints

from mcp.server.context import ServerRequestContext
from mcp_types import CompleteRequestParams, CompleteResult, Completion, PromptReference

from app.authoring.complete import find_completion
from app.protocol.catalogue.definition import CatalogueError
from app.protocol.serving.function import Served, Terms
from app.protocol.serving.prepare import prepare
from app.protocol.serving.prompts import Prompts, no_prompt
from app.protocol.serving.resources import Resources, no_resource
from app.protocol.wire.errors import Unknown

MOST = 100
"""Values in one answer, by the schema of Completion."""

Completers: TypeAlias = Mapping[str, Served]
"""By the name of the argument."""


class Completions:
    """Every function that completes an argument, made ready once."""

    def __init__(self, prompts: Prompts, resources: Resources) -> None:
        self._prompts = _Owners(prompts.served, prompts.terms)
        self._resources = _Owners(resources.by_uri, resources.terms)

    def __bool__(self) -> bool:
        owners = [*self._prompts.found.values(), *self._resources.found.values()]
        return any(completers for _, completers in owners)

    async def complete(self, context: ServerRequestContext[Any], params: CompleteRequestParams) -> CompleteResult:
        """Nothing for an argument that has no completer; an error for a prompt or URI that no list shows."""
        try:
            values = await self._values(context, params)
        except Unknown:
            if isinstance(params.ref, PromptReference):
                raise no_prompt() from None
            raise no_resource(params.ref.uri, context.protocol_version) from None
        return CompleteResult(
            completion=Completion(values=values[:MOST], total=len(values), has_more=len(values) > MOST)
        )

    async def _values(self, context: ServerRequestContext[Any], params: CompleteRequestParams) -> list[str]:
        ref, argument = params.ref, params.argument
        if isinstance(ref, PromptReference):
            owners, key = self._prompts, ref.name
        else:
            owners, key = self._resources, ref.uri
        if key not in owners.found:
            await owners.terms.refuse_unknown()
        owner, completers = owners.found[key]
        completer = completers.get(argument.name)
        if completer is None:
            await owner.terms.admit(owner.definition)
            return []
        typed, *others = completer.tool.parameters["properties"]
        filled = (params.context.arguments if params.context else None) or {}
        names = owner.definition.argument_names
        known = {name: filled[wire] for name in others if (wire := names.get(name, name)) in filled}
        values: list[str] = await completer(context, None, {typed: argument.value, **known})
        return values


class _Owners:
    """Everything of one kind, with the completers of its arguments."""

    def __init__(self, served: Mapping[str, Served], terms: Terms) -> None:
        self.found = {key: (each, _completers(each)) for key, each in served.items()}
        self.terms = terms


def _completers(owner: Served) -> Completers:
    hints = get_type_hints(owner.definition.function, include_extras=True)
    return {
        wire: _completer(owner, name, completion.function)
        for name, wire in owner.definition.argument_names.items()
        if name in hints and (completion := find_completion(hints[name])) is not None
    }


def _completer(owner: Served, name: str, function: Any) -> Served:
    """Raises: CatalogueError, for a completer that could not be called."""
    served = prepare("completion", owner.definition, owner.terms, completer=function, fit=_strings)
    schema = served.tool.parameters
    takes = list(schema.get("properties", {}))
    where = f"{owner.definition.file}: the completion of {name} in {owner.word} {owner.definition.name}"
    if not takes:
        raise CatalogueError(f"{where} takes nothing; its first parameter is what was typed so far: prefix: str")
    for other in takes[1:]:
        names = owner.definition.argument_names
        if other not in (*names, *names.values()):
            raise CatalogueError(f"{where} takes {other}, which is no argument there; rename or remove it")
        if other in schema.get("required", ()):
            raise CatalogueError(f"{where} takes {other} without a default; it may not be filled in yet")
    return served


def _strings(returned: Any) -> list[str]:
    values = list(returned)
    if isinstance(returned, str) or not all(isinstance(value, str) for value in values):
        raise TypeError("a completion returns a list of strings")
    return values
