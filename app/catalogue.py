"""Find the tools: the folder is the registration, and a file that offers none is an error."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from app.injection import InjectionError, plan_of
from app.parameter_types import is_forgeable
from app.tool import ATTRIBUTE, ToolMetadata

_ROOT = Path(__file__).resolve().parent.parent


class CatalogueError(Exception):
    """A file in a tools folder cannot be served; the message names the file and the fix."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """One tool as its author wrote it."""

    name: str
    description: str
    function: Callable[..., Any]
    metadata: ToolMetadata


def collect_tools(package: ModuleType) -> tuple[ToolDefinition, ...]:
    """All tools of the package and its sub-packages, in order of their names.

    A module whose name starts with an underscore is passed over: it holds what tools share.

    Raises:
        CatalogueError: for a module that fails to import or offers no tool, a name that occurs twice,
            a parameter without a type, a missing docstring.
    """
    found: dict[str, ToolDefinition] = {}
    for module in _modules(package):
        for definition in _definitions(module):
            if definition.name in found and definition.function is not found[definition.name].function:
                other = inspect.getfile(found[definition.name].function)
                raise CatalogueError(
                    f"{_file(module)}: a tool named {definition.name} is already in {_short(other)}; "
                    "rename one of the two functions"
                )
            found[definition.name] = definition
    return tuple(found[name] for name in sorted(found))


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    # Files, not pkgutil: it passes over a folder that lacks __init__.py, and a tool would be missing in silence.
    for path in sorted(path for folder in package.__path__ for path in Path(folder).iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        if path.is_dir():
            yield from _modules(_import(f"{package.__name__}.{path.name}", path))
        elif path.suffix == ".py":
            yield _import(f"{package.__name__}.{path.stem}", path)


def _import(name: str, path: Path) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:
        line = f" line {error.lineno}:" if isinstance(error, SyntaxError) else ""
        raise CatalogueError(
            f"{_short(path)}: cannot be imported:{line} {type(error).__name__}: {error}"
        ) from error


def _definitions(module: ModuleType) -> list[ToolDefinition]:
    functions = [
        function
        for function in vars(module).values()
        # A tool that was imported from its own file is no second one.
        if hasattr(function, ATTRIBUTE) and function.__module__ == module.__name__
    ]
    if not functions:
        raise CatalogueError(
            f"{_file(module)}: has no tool; decorate its function with @tool(), or start the file's name "
            "with an underscore if it only holds what tools share"
        )
    return [_definition(module, function) for function in functions]


def _definition(module: ModuleType, function: Callable[..., Any]) -> ToolDefinition:
    name = function.__name__
    description = inspect.getdoc(function)
    if not description:
        raise CatalogueError(
            f"{_file(module)}: tool {name} has no docstring; say what it does, the model reads it"
        )
    try:
        hints = get_type_hints(function, include_extras=True)
        injected = plan_of(function).injected
    except InjectionError as error:
        raise CatalogueError(f"{_file(module)}: tool {name} cannot be called: {error}") from error
    except Exception as error:
        raise CatalogueError(f"{_file(module)}: the types of tool {name} cannot be read: {error}") from error
    for parameter in inspect.signature(function).parameters.values():
        if problem := _problem(parameter, hints) if parameter.name not in injected else None:
            raise CatalogueError(f"{_file(module)}: parameter {parameter.name} of tool {name} {problem}")
    return ToolDefinition(name, description, function, getattr(function, ATTRIBUTE))


def _problem(parameter: inspect.Parameter, hints: dict[str, Any]) -> str | None:
    """Why the parameter cannot be a tool argument, with the fix."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return "cannot be a tool argument; give it a name and a type of its own, without * or /"
    if parameter.name not in hints:
        return f"has no type; write {parameter.name}: str, for example"
    if is_forgeable(hints[parameter.name]):
        # As an argument it would be the caller's to choose.
        return "would let a caller say who they are; write session: CurrentSession, and nothing around it"
    return None


def _file(module: ModuleType) -> str:
    return _short(inspect.getfile(module))


def _short(path: str | Path) -> str:
    resolved = Path(path).resolve()
    return str(resolved.relative_to(_ROOT) if resolved.is_relative_to(_ROOT) else resolved)
