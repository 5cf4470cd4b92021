"""Which parameters the server fills: `Annotated[T, Depends(get_t)]`, as in a FastAPI route."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.params import Depends, Security

AnyFunction = Callable[..., Any]


class InjectionError(Exception):
    """The server could never fill a dependency; the message says why."""


@dataclass(frozen=True, slots=True)
class InjectionPlan:
    """A function, and which functions its injected parameters come from."""

    function: AnyFunction
    injected: dict[str, "InjectionPlan"]
    """From the parameter's name to the plan of its dependency."""

    @classmethod
    def for_function(cls, function: AnyFunction, above: tuple[AnyFunction, ...] = ()) -> "InjectionPlan":
        """Read from the signature; `above` are the functions that need this one, outermost first.

        Raises:
            InjectionError: a dependency is not a plain function, depends on itself, or has a parameter that
                nothing fills.
        """
        if function in above:
            raise InjectionError(f"{function.__name__} depends on itself")
        parameters = inspect.signature(function).parameters
        # The types of a function without parameters are not read: its return type may name a class of an SDK that
        # is imported on first use.
        hints = get_type_hints(function, include_extras=True) if parameters else {}
        injected = {
            name: cls.for_function(_require_function(dependency), (*above, function))
            for name, parameter in parameters.items()
            if (dependency := _find_dependency(parameter, hints.get(name))) is not None
        }
        if above:
            _require_all_filled(function, parameters.values(), injected)
        return cls(function, injected)

    def needs(self, dependency: AnyFunction) -> bool:
        """Whether the function, or one of its dependencies at any depth, depends on this one."""
        return any(plan.function is dependency or plan.needs(dependency) for plan in self.injected.values())

    def visible_signature(self) -> inspect.Signature:
        """The function's signature without the injected parameters, with its types read."""
        hints = get_type_hints(self.function, include_extras=True)
        signature = inspect.signature(self.function)
        visible = [
            parameter.replace(annotation=hints[name])
            for name, parameter in signature.parameters.items()
            if name not in self.injected
        ]
        return signature.replace(
            parameters=visible, return_annotation=hints.get("return", inspect.Signature.empty)
        )


def _find_dependency(parameter: inspect.Parameter, hint: Any) -> Depends | None:
    """In both of FastAPI's spellings: in Annotated, and as the default."""
    if isinstance(parameter.default, Depends):
        return parameter.default
    if get_origin(hint) is not Annotated:
        return None
    return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Depends)), None)


def _require_function(dependency: Depends) -> AnyFunction:
    function = dependency.dependency
    if isinstance(dependency, Security):
        raise InjectionError("Security scopes are not checked here; use Depends")
    if not inspect.isroutine(function):
        raise InjectionError("Depends needs a function, such as Depends(get_tenant)")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InjectionError(f"{function.__name__} yields; a dependency returns its value")
    return function


def _require_all_filled(function: AnyFunction, parameters: Any, injected: dict[str, InjectionPlan]) -> None:
    for parameter in parameters:
        if parameter.name not in injected and parameter.default is inspect.Parameter.empty:
            raise InjectionError(f"{function.__name__} needs {parameter.name}, which nothing fills")
