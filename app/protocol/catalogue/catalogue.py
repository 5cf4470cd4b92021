"""Everything that this server offers, collected at the start from the folders of tools, prompts and resources.

A file in one of the folders is all the registration that there is. A file that offers nothing is an error.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from app.authoring.prompt import ATTRIBUTE as PROMPT
from app.authoring.resource import ATTRIBUTE as RESOURCE
from app.authoring.secret import ATTRIBUTE as SECRET
from app.authoring.tool import ATTRIBUTE as TOOL
from app.protocol.catalogue.definition import (
    CatalogueError,
    Definition,
    PromptDefinition,
    ResourceDefinition,
    ToolDefinition,
    define,
)
from app.protocol.catalogue.injection import InjectionPlan

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the folders hold."""

    tools: Sequence[ToolDefinition]
    prompts: Sequence[PromptDefinition] = ()
    resources: Sequence[ResourceDefinition] = ()

    @property
    def tool_names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.tools)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that a tool, prompt or resource requires, in the order of their names."""
        return tuple(dict.fromkeys(scope for each in self._offered for scope in each.metadata.access.scopes))

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Every secret that a parameter of a function or a check gets from `Depends(secret("NAME"))`, sorted."""
        checks = [check.function for each in self._offered for check in each.metadata.access.checks]
        plans = [
            InjectionPlan.for_function(each) for each in (*(each.function for each in self._offered), *checks)
        ]
        return tuple(sorted({name for plan in plans for name in _find_secret_names(plan)}))

    @property
    def _offered(self) -> tuple[Definition[Any], ...]:
        return (*self.tools, *self.prompts, *self.resources)


def _find_secret_names(plan: InjectionPlan) -> Iterator[str]:
    if name := getattr(plan.function, SECRET, None):
        yield name
    for below in plan.injected.values():
        yield from _find_secret_names(below)


def collect_tools(*packages: ModuleType) -> tuple[ToolDefinition, ...]:
    """All tools of the packages and their sub-packages, in order of their names.

    A module whose name starts with an underscore is skipped: it holds what tools share.

    Raises:
        CatalogueError: a module fails to import or offers no tool, a name occurs twice, a parameter has no type,
            or a docstring is missing.
    """
    return _collect(packages, "tool", TOOL, "@tool()")


def collect_prompts(*packages: ModuleType) -> tuple[PromptDefinition, ...]:
    """All prompts, by the same rules."""
    return _collect(packages, "prompt", PROMPT, "@prompt()")


def collect_resources(*packages: ModuleType) -> tuple[ResourceDefinition, ...]:
    """All resources and resource templates, by the same rules."""
    return _collect(packages, "resource", RESOURCE, '@resource("name://...")')


def _collect(
    packages: Sequence[ModuleType], word: str, attribute: str, decorator: str
) -> tuple[Definition[Any], ...]:
    found: dict[str, Definition[Any]] = {}
    for module in (module for package in packages for module in _import_modules(package)):
        file = _shorten(inspect.getfile(module))
        for function in _find_functions(module, word, attribute, decorator):
            name = function.__name__
            if name in found and function is not found[name].function:
                raise CatalogueError(
                    f"{file}: a {word} named {name} is already in {found[name].file}; "
                    "rename one of the two functions"
                )
            found[name] = define(word, file, function, getattr(function, attribute))
    return tuple(found[name] for name in sorted(found))


def _import_modules(package: ModuleType) -> Iterator[ModuleType]:
    # Not pkgutil: it skips a folder that lacks __init__.py, and nobody would notice that a tool is missing.
    for path in sorted(path for folder in package.__path__ for path in Path(folder).iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        if path.is_dir():
            yield from _import_modules(_import_file(f"{package.__name__}.{path.name}", path))
        elif path.suffix == ".py":
            yield _import_file(f"{package.__name__}.{path.stem}", path)


def _import_file(name: str, path: Path) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:
        line = f" line {error.lineno}:" if isinstance(error, SyntaxError) else ""
        raise CatalogueError(
            f"{_shorten(path)}: cannot be imported:{line} {type(error).__name__}: {error}{_explain_import(error)}"
        ) from error


def _explain_import(error: Exception) -> str:
    """The fix for a package that is not installed. A missing module of this project is a misspelt name."""
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if not missing or missing == __name__.partition(".")[0]:
        return ""
    return (
        f"; if {missing} is a package, add the name that it has on PyPI to team = [] in pyproject.toml, run "
        "make lock, and start again"
    )


def _find_functions(module: ModuleType, word: str, attribute: str, decorator: str) -> list[Callable[..., Any]]:
    functions = [
        function
        for function in vars(module).values()
        # Not one that was imported from the file that it belongs to.
        if hasattr(function, attribute) and function.__module__ == module.__name__
    ]
    if not functions:
        raise CatalogueError(
            f"{_shorten(inspect.getfile(module))}: has no {word}; decorate its function with {decorator}, or "
            f"start the file's name with an underscore if it only holds what {word}s share"
        )
    return functions


def _shorten(path: str | Path) -> str:
    resolved = Path(path).resolve()
    return str(resolved.relative_to(_ROOT) if resolved.is_relative_to(_ROOT) else resolved)
