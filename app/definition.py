"""One tool, prompt or resource as its author wrote it, checked for what would fail later."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, get_type_hints

from app.auth.access import Access
from app.injection import InjectionError, plan_of
from app.parameter_types import problem_of
from app.prompt import PromptMetadata
from app.resource import ResourceMetadata
from app.tool import ToolMetadata


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
    if unknown := set(metadata.audit) - set(parameters):
        raise CatalogueError(f"{file}: audit names {min(unknown)}, which is no parameter of {called}; remove it")
    for check in metadata.access.checks:
        _require_fillable(f"{file}: {called}", check.function, parameters.keys() - injected.keys())
    return Definition(function.__name__, description, function, metadata, file)


def _require_fillable(where: str, check: Callable[..., Any], arguments: Collection[str]) -> None:
    """A check takes arguments of what it guards, by name; any other it would never get."""
    try:
        given = {*plan_of(check).injected, *arguments}
    except Exception as error:
        raise CatalogueError(f"{where} requires {check.__name__}, which cannot be called: {error}") from error
    if unknown := sorted(set(inspect.signature(check).parameters) - given):
        raise CatalogueError(
            f"{where} requires {check.__name__}, which takes {unknown[0]}: that is no argument here and nothing "
            "that Depends fills; rename it"
        )
