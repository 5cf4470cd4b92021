"""One tool, prompt or resource as its author wrote it. Mistakes that would fail in a call stop the start."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Protocol, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from fastapi.params import Depends
from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from app.access.declaration import Access
from app.auth.session import Session
from app.authoring.ask import get_ask
from app.authoring.prompt import PromptMetadata
from app.authoring.request import get_request
from app.authoring.resource import ResourceMetadata
from app.authoring.tool import ToolMetadata
from app.authoring.work import get_work
from app.protocol.catalogue.dependency import InjectionError
from app.protocol.catalogue.injection import InjectionPlan


class CatalogueError(Exception):
    """A file in one of the folders cannot be served; the message names the file and the fix."""


class Metadata(Protocol):
    """What each decorator (@tool, @prompt, @resource) attaches to its function."""

    @property
    def title(self) -> str | None: ...
    @property
    def access(self) -> Access: ...
    @property
    def audit(self) -> tuple[str, ...]: ...


# The names that the APIs of Claude and OpenAI accept. Clients pass a tool's name on to them.
_TOOL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

M_co = TypeVar("M_co", bound=Metadata, covariant=True)


@dataclass(frozen=True, slots=True)
class Definition(Generic[M_co]):
    """A tool, prompt or resource. Callers know it by the name of its function."""

    name: str
    description: str
    function: Callable[..., Any]
    metadata: M_co
    file: str
    """The path of its file, for messages."""
    argument_names: Mapping[str, str] = field(default_factory=dict)
    """From each parameter that callers fill to the name that they use: its alias, or its own name."""
    opened_arguments: Mapping[str, str] = field(default_factory=dict)
    """Arguments whose values the audit record may show: from the callers' name to the parameter's own."""


ToolDefinition: TypeAlias = Definition[ToolMetadata]
PromptDefinition: TypeAlias = Definition[PromptMetadata]
ResourceDefinition: TypeAlias = Definition[ResourceMetadata]


def define(word: str, file: str, function: Callable[..., Any], metadata: Any) -> Definition[Any]:
    """Check a decorated function and describe it; `word` says what it is, such as "tool".

    Raises:
        CatalogueError: it has no docstring, or a parameter that callers cannot or must not fill.
    """
    label = f"{word} {function.__name__}"
    _require_tool_name(word, f"{file}: {label}", function.__name__)
    description = inspect.getdoc(function)
    if not description:
        raise CatalogueError(f"{file}: {label} has no docstring; say what it does, models and people read it")
    try:
        hints = get_type_hints(function, include_extras=True)
        plan = InjectionPlan.for_function(function)
        injected = plan.injected
    except InjectionError as error:
        raise CatalogueError(f"{file}: {label} cannot be called: {error}") from error
    except Exception as error:
        raise CatalogueError(f"{file}: the types of {label} cannot be read: {error}") from error
    parameters = inspect.signature(function).parameters
    for name, parameter in parameters.items():
        if problem := find_parameter_problem(parameter, hints, word) if name not in injected else None:
            raise CatalogueError(f"{file}: parameter {name} of {label} {problem}")
    visible = [parameter for name, parameter in parameters.items() if name not in injected]
    names = _find_wire_names(f"{file}: the parameters", label, visible, hints)
    arguments = names.keys()
    if unknown := set(metadata.audit) - arguments - set(names.values()):
        raise CatalogueError(f"{file}: audit names {min(unknown)}, which is not an argument of {label}; remove it")
    _require_async_for_questions(f"{file}: {label}", function, injected)
    _require_background(word, f"{file}: {label}", plan, getattr(metadata, "background", None))
    for check in metadata.access.checks:
        _require_known_arguments(f"{file}: {label}", check.function, arguments)
    # `audit=` takes the parameter's own name and its alias.
    opened = {wire: own for own, wire in names.items() if not {own, wire}.isdisjoint(metadata.audit)}
    return Definition(function.__name__, description, function, metadata, file, names, opened)


def _require_tool_name(word: str, where: str, name: str) -> None:
    if word == "tool" and not _TOOL_NAME.fullmatch(name):
        raise CatalogueError(
            f"{where} has a name that the APIs of models refuse; rename the function: letters A to Z, digits and "
            "_, 64 characters at most"
        )


def _find_wire_names(
    where: str, label: str, parameters: Iterable[inspect.Parameter], hints: Mapping[str, Any]
) -> dict[str, str]:
    names = {each.name: str(find_wire_name(each, hints)) for each in parameters}
    by_wire: dict[str, str] = {}
    for name, wire in names.items():
        if (other := by_wire.setdefault(wire, name)) != name:
            raise CatalogueError(
                f"{where} {other} and {name} of {label} have one name for callers, {wire}; change an alias"
            )
    return names


def _require_async_for_questions(
    where: str, function: Callable[..., Any], injected: Mapping[str, InjectionPlan]
) -> None:
    asks = any(plan.function is get_ask for plan in injected.values())
    if asks and not inspect.iscoroutinefunction(function):
        raise CatalogueError(f"{where} asks its user and cannot wait for the answer; write async def")


def _require_background(word: str, where: str, plan: InjectionPlan, background: Any) -> None:
    """What the call has and background work has not, and the other way round."""
    if background is None:
        if plan.needs(get_work):
            fix = "write @tool(background=True)" if word == "tool" else "only a tool can work in the background"
            raise CatalogueError(f"{where} takes a Work, which only background work has; {fix}")
        return
    if plan.needs(get_request):
        raise CatalogueError(
            f"{where} works in the background, when the HTTP request is over; leave the CurrentRequest out"
        )
    if plan.needs(get_work) and not inspect.iscoroutinefunction(plan.function):
        raise CatalogueError(f"{where} takes a Work, whose methods have to be awaited; write async def")


def _require_known_arguments(where: str, check: Callable[..., Any], arguments: Collection[str]) -> None:
    """A check gets arguments of the function that it guards, by name. It could get no other."""
    try:
        available = {*InjectionPlan.for_function(check).injected, *arguments}
    except Exception as error:
        raise CatalogueError(f"{where} requires {check.__name__}, which cannot be called: {error}") from error
    parameters = inspect.signature(check).parameters
    if any(each.kind not in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in parameters.values()):
        raise CatalogueError(f"{where} requires {check.__name__}, which must name its parameters, without * or /")
    if unknown := sorted(set(parameters) - available):
        raise CatalogueError(
            f"{where} requires {check.__name__}, which takes {unknown[0]}: that is neither an argument here nor "
            "something that Depends fills; rename it"
        )


def find_parameter_problem(parameter: inspect.Parameter, hints: Mapping[str, Any], word: str) -> str | None:
    """Why the parameter cannot be an argument, and the fix; None where it can. `word` is "tool", for example."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return f"cannot be a {word} argument; give it a name and a type of its own, without * or /"
    if parameter.name not in hints:
        return f"has no type; write {parameter.name}: str, for example"
    if is_forgeable(hints[parameter.name]):
        # As an argument, its value would come from the caller.
        return "would let a caller say who they are; write session: CurrentSession, and nothing around it"
    if not isinstance(find_wire_name(parameter, hints), str):
        return 'has several aliases, or a path; an argument has one name: write Field(alias="...")'
    if (model := next(_find_hidden_fields(hints[parameter.name]), None)) is not None:
        return (
            f"has a field of {model} that is found by an AliasPath, which no schema can show; give it an alias "
            "that is one name"
        )
    return None


def find_wire_name(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> str | AliasPath | AliasChoices:
    """The name that callers use for it: its alias, as pydantic reads one, or its own name."""
    hint = hints.get(parameter.name)
    extras = getattr(hint, "__metadata__", ())  # of Annotated
    aliases = [
        each.validation_alias
        for each in (*extras, parameter.default)
        if isinstance(each, FieldInfo) and each.validation_alias is not None
    ]
    return aliases[-1] if aliases else parameter.name


def _find_hidden_fields(hint: Any) -> Iterator[str]:
    """Models in the type with a field that schemas show under a name by which pydantic does not find it."""
    for part in _walk_type(hint):
        if isinstance(part, type) and issubclass(part, BaseModel):
            aliases = [field.validation_alias for field in part.model_fields.values()]
            if any(isinstance(each, AliasPath) for each in aliases):
                yield part.__name__


def is_forgeable(hint: Any) -> bool:
    """Whether an argument of this type would let a client say who it is.

    True for Session, for Depends anywhere but at the top, and for models that contain one of them.
    """
    return any(part is Session or isinstance(part, Depends) for part in _walk_type(hint))


def _walk_type(hint: Any) -> Iterator[Any]:
    """The type and every type in it, each once: models that share models can be reached on many ways."""
    seen: dict[int, Any] = {}  # by identity, because metadata of Annotated may not be hashable
    ahead = [hint]
    while ahead:
        part = ahead.pop()
        if id(part) not in seen:
            seen[id(part)] = part
            ahead += _direct_parts(part)
            yield part


def _direct_parts(hint: Any) -> Iterator[Any]:
    yield from get_args(hint) if get_origin(hint) is not Annotated else (*get_args(hint), *hint.__metadata__)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from (field.annotation for field in hint.model_fields.values())
        yield from (extra for field in hint.model_fields.values() for extra in field.metadata)
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield from (field.type for field in dataclasses.fields(hint))
