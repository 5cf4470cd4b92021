"""Parameters that the server fills: `Annotated[T, Depends(get_t)]`, as in a FastAPI route.

Sync dependencies run on the event loop, so they must not block; each is called once per call.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.params import Depends, Security

from app.runtime.threads import in_authors_thread

AnyFunction = Callable[..., Any]


class InjectionError(Exception):
    """A dependency can never be filled; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A function, and which of its parameters come from which other functions."""

    function: AnyFunction
    injected: dict[str, "Plan"]

    def needs(self, dependency: AnyFunction) -> bool:
        """Whether it, or anything below it, gets what the dependency gives."""
        return any(plan.function is dependency or plan.needs(dependency) for plan in self.injected.values())

    async def values(self, made: dict[AnyFunction, Any]) -> dict[str, Any]:
        return {name: await plan.value(made) for name, plan in self.injected.items()}

    async def value(self, made: dict[AnyFunction, Any]) -> Any:
        if self.function not in made:
            result = self.function(**await self.values(made))
            made[self.function] = await result if inspect.isawaitable(result) else result
        return made[self.function]


def inject(function: AnyFunction) -> Callable[..., Awaitable[Any]]:
    """The same function without its injected parameters, always async.

    They are gone from the signature, so they are in no schema and no client can set them.
    A sync function runs in a worker thread, where the caller is still known.
    """
    plan = plan_of(function)

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        arguments |= await plan.values({})
        if inspect.iscoroutinefunction(function):
            return await function(**arguments)
        return await in_authors_thread(functools.partial(function, **arguments))

    call.__signature__ = _visible_signature(function, plan)  # type: ignore[attr-defined]
    return call


def plan_of(function: AnyFunction, above: tuple[AnyFunction, ...] = ()) -> Plan:
    """What a call of the function needs.

    Raises:
        InjectionError: a dependency is no plain function, depends on itself, or needs what nobody gives.
    """
    if function in above:
        raise InjectionError(f"{function.__name__} depends on itself")
    parameters = inspect.signature(function).parameters
    # A function without parameters is not looked into: its return type may name a lazy SDK's class.
    hints = get_type_hints(function, include_extras=True) if parameters else {}
    injected = {
        name: plan_of(_plain(dependency), (*above, function))
        for name, parameter in parameters.items()
        if (dependency := dependency_of(parameter, hints.get(name))) is not None
    }
    if above:
        _check_complete(function, parameters.values(), injected)
    return Plan(function, injected)


def dependency_of(parameter: inspect.Parameter, hint: Any) -> Depends | None:
    """Both of FastAPI's spellings: in Annotated, and as the default."""
    if isinstance(parameter.default, Depends):
        return parameter.default
    if get_origin(hint) is not Annotated:
        return None
    return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Depends)), None)


def _plain(dependency: Depends) -> AnyFunction:
    function = dependency.dependency
    if isinstance(dependency, Security):
        raise InjectionError("Security scopes are not checked here; use Depends")
    if not inspect.isroutine(function):
        raise InjectionError("Depends needs a function, such as Depends(get_tenant)")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InjectionError(f"{function.__name__} yields; a dependency returns its value")
    return function


def _check_complete(function: AnyFunction, parameters: Any, injected: dict[str, Plan]) -> None:
    for parameter in parameters:
        if parameter.name not in injected and parameter.default is inspect.Parameter.empty:
            raise InjectionError(f"{function.__name__} needs {parameter.name}, which nothing fills")


def _visible_signature(function: AnyFunction, plan: Plan) -> inspect.Signature:
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    visible = [
        parameter.replace(annotation=hints[name])
        for name, parameter in signature.parameters.items()
        if name not in plan.injected
    ]
    return signature.replace(parameters=visible, return_annotation=hints.get("return", inspect.Signature.empty))
