"""What `Depends` names: a function, a class, a callable object or a partial; how it runs, and what it takes."""

import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from fastapi import Request
from fastapi.params import Body, Depends, Param, Security

from app.current import runs_on_loop

AnyFunction = Callable[..., Any]

Kind: TypeAlias = Literal["ready", "thread", "async", "generator", "async generator"]
"""How a dependency runs.

"ready" is a sync getter of this server that only reads memory; "thread" is everything else that is sync and may
block. The generators yield their value, and go on once the result is there.
"""

_NOT_THE_AUTHORS = ("builtins", "types", "typing")
"""Modules of types that `Depends()` could not mean: int, Any, `str | None`."""


class InjectionError(Exception):
    """The server could never fill a dependency; the message says why, and the fix."""


def find_callable(depends: Depends, hint: Any) -> AnyFunction:
    """What gives the value: what Depends names, or for `Depends()` the class that is the parameter's type.

    Raises:
        InjectionError: it cannot be called.
    """
    if isinstance(depends, Security):
        raise InjectionError("Security scopes are not checked here; use Depends")
    function = depends.dependency
    if function is None:
        hint = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
        function = get_origin(hint) or hint
        if not inspect.isclass(function) or function.__module__ in _NOT_THE_AUTHORS:
            raise InjectionError(
                "Depends needs a function, such as Depends(get_tenant), or a class of yours as the type"
            )
    if not callable(function):
        raise InjectionError(f"Depends needs a function, such as Depends(get_tenant), and got {function!r}")
    if inspect.isabstract(function):
        raise InjectionError(
            f"{describe(function)} is abstract; name the class that implements it in Depends(...)"
        )
    return function


def find_kind(function: AnyFunction) -> Kind:
    """How it runs. A decorator's wrapper runs as the function below it does."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isclass(function):
        return "thread"
    code = inspect.unwrap(function if inspect.isroutine(function) else type(function).__call__)
    if inspect.isasyncgenfunction(code):
        return "async generator"
    if inspect.iscoroutinefunction(code):
        return "async"
    if inspect.isgeneratorfunction(code):
        return "generator"
    return "ready" if runs_on_loop(function) else "thread"


def make_key(function: AnyFunction) -> Hashable:
    """What tells it from others: a call runs each dependency once. Equal bound methods are the same one."""
    try:
        hash(function)
    except TypeError:  # an instance of a dataclass that is not frozen, for example
        return id(function)
    return function


def describe(function: AnyFunction) -> str:
    """Its name for messages."""
    if isinstance(function, functools.partial):
        return f"the partial of {describe(function.func)}"
    return getattr(function, "__name__", None) or f"the {type(function).__name__}"


def read_signature(function: AnyFunction) -> tuple[dict[str, inspect.Parameter], dict[str, Any]]:
    """Its parameters and their types.

    Raises:
        InjectionError: Python does not know them.
    """
    try:
        parameters = dict(inspect.signature(function).parameters)
        # The types of a function without parameters are not read: its return type may name a class of an SDK that
        # is imported on first use.
        if not parameters:
            return parameters, {}
        if inspect.isroutine(function):
            return parameters, get_type_hints(function, include_extras=True)
        typed = inspect.signature(function, eval_str=True).parameters
        return parameters, {name: each.annotation for name, each in typed.items()}
    except (NameError, TypeError, ValueError) as error:
        raise InjectionError(f"the parameters of {describe(function)} cannot be read: {error}") from error


def require_fillable(function: AnyFunction, parameter: inspect.Parameter, hint: Any) -> None:
    """Check a parameter of a dependency that has no Depends.

    Raises:
        InjectionError: nothing fills it.
    """
    name = f"{describe(function)} needs {parameter.name}"
    for each in (parameter.default, *getattr(hint, "__metadata__", ())):
        if isinstance(each, Param | Body):
            raise InjectionError(
                f"{name} as a {type(each).__name__} of a FastAPI route, which a tool is not; for a header take "
                "request: CurrentRequest, for an argument of the tool take it in the tool"
            )
    if parameter.default is not inspect.Parameter.empty or parameter.kind in (
        inspect.Parameter.VAR_POSITIONAL,
        inspect.Parameter.VAR_KEYWORD,
    ):
        return
    if hint is Request:
        raise InjectionError(f"{name}, FastAPI's Request; write {parameter.name}: CurrentRequest")
    raise InjectionError(
        f"{name}, which nothing fills; give it a default, or write "
        f"{parameter.name}: Annotated[T, Depends(get_{parameter.name})]"
    )
