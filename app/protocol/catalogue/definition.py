"""One tool, prompt or resource as its author wrote it, checked for what would fail later."""

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, get_type_hints

from app.access.declaration import Access
from app.authoring.ask import get_ask
from app.authoring.prompt import PromptMetadata
from app.authoring.resource import ResourceMetadata
from app.authoring.tool import ToolMetadata
from app.protocol.catalogue.injection import InjectionError, Plan, plan_of
from app.protocol.catalogue.parameter_types import problem_of, wire_name


class CatalogueError(Exception):
    """A file in one of the folders cannot be served; the message names the file and the fix."""


class Metadata(Protocol):
    """What every decorator attaches."""

    @property
    def title(self) -> str | None: ...
    @property
    def access(self) -> Access: ...
    @property
    def audit(self) -> tuple[str, ...]: ...


# What the APIs of models accept (Claude's and OpenAI's), and clients therefore send on.
_TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

M_co = TypeVar("M_co", bound=Metadata, covariant=True)


@dataclass(frozen=True, slots=True)
class Definition(Generic[M_co]):
    """What is offered to callers, under the name of its function."""

    name: str
    description: str
    function: Callable[..., Any]
    metadata: M_co
    file: str
    """Where it is written, for messages."""
    argument_names: Mapping[str, str] = field(default_factory=dict)
    """Of each parameter that callers fill, the name by which they give it: its alias, or its own."""
    opened_arguments: Mapping[str, str] = field(default_factory=dict)
    """Those whose values the record may show: the name that callers give, and the function's own."""

    @property
    def access(self) -> Access:
        return self.metadata.access


ToolDefinition: TypeAlias = Definition[ToolMetadata]
PromptDefinition: TypeAlias = Definition[PromptMetadata]
ResourceDefinition: TypeAlias = Definition[ResourceMetadata]


def define(word: str, file: str, function: Callable[..., Any], metadata: Any) -> Definition[Any]:
    """The definition; `word` says what it is, such as "tool".

    Raises:
        CatalogueError: it has no docstring, or a parameter that no caller could or may fill.
    """
    called = f"{word} {function.__name__}"
    _require_sendable(word, f"{file}: {called}", function.__name__)
    description = inspect.getdoc(function)
    if not description:
        raise CatalogueError(f"{file}: {called} has no docstring; say what it does, models and people read it")
    try:
        hints = get_type_hints(function, include_extras=True)
        injected = plan_of(function).injected
    except InjectionError as error:
        raise CatalogueError(f"{file}: {called} cannot be called: {error}") from error
    except Exception as error:
        raise CatalogueError(f"{file}: the types of {called} cannot be read: {error}") from error
    parameters = inspect.signature(function).parameters
    for name, parameter in parameters.items():
        if problem := problem_of(parameter, hints, word) if name not in injected else None:
            raise CatalogueError(f"{file}: parameter {name} of {called} {problem}")
    visible = [parameter for name, parameter in parameters.items() if name not in injected]
    names = _wire_names(f"{file}: the parameters", called, visible, hints)
    arguments = names.keys()
    if unknown := set(metadata.audit) - arguments - set(names.values()):
        raise CatalogueError(f"{file}: audit names {min(unknown)}, which is no argument of {called}; remove it")
    _require_waiting(f"{file}: {called}", function, injected)
    for check in metadata.access.checks:
        _require_fillable(f"{file}: {called}", check.function, arguments)
    # Their author may name them either way.
    opened = {wire: own for own, wire in names.items() if not {own, wire}.isdisjoint(metadata.audit)}
    return Definition(function.__name__, description, function, metadata, file, names, opened)


def _require_sendable(word: str, where: str, name: str) -> None:
    if word == "tool" and not _TOOL_NAME.fullmatch(name):
        raise CatalogueError(
            f"{where} has a name that the APIs of models refuse; rename the function: letters A to Z, digits and "
            "_, 64 characters at most"
        )


def _wire_names(
    where: str, called: str, parameters: Iterable[inspect.Parameter], hints: Mapping[str, Any]
) -> dict[str, str]:
    names = {each.name: str(wire_name(each, hints)) for each in parameters}
    by_wire: dict[str, str] = {}
    for name, wire in names.items():
        if (other := by_wire.setdefault(wire, name)) != name:
            raise CatalogueError(
                f"{where} {other} and {name} of {called} have one name for callers, {wire}; change an alias"
            )
    return names


def _require_waiting(where: str, function: Callable[..., Any], injected: Mapping[str, Plan]) -> None:
    asks = any(plan.function is get_ask for plan in injected.values())
    if asks and not inspect.iscoroutinefunction(function):
        raise CatalogueError(f"{where} asks its user and cannot wait for the answer; write async def")


def _require_fillable(where: str, check: Callable[..., Any], arguments: Collection[str]) -> None:
    """A check takes arguments of what it guards, by name; any other it would never get."""
    try:
        given = {*plan_of(check).injected, *arguments}
    except Exception as error:
        raise CatalogueError(f"{where} requires {check.__name__}, which cannot be called: {error}") from error
    taken = inspect.signature(check).parameters
    if any(each.kind not in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in taken.values()):
        raise CatalogueError(f"{where} requires {check.__name__}, which must name its parameters, without * or /")
    if unknown := sorted(set(taken) - given):
        raise CatalogueError(
            f"{where} requires {check.__name__}, which takes {unknown[0]}: that is no argument here and nothing "
            "that Depends fills; rename it"
        )
