"""Tool parameters that the server fills: `Annotated[T, Depends(get_t)]`, as in a FastAPI route."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import anyio.to_thread
from fastapi.params import Depends

AnyFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A function, and which of its parameters come from which other functions."""

    function: AnyFunction
    injected: dict[str, "_Plan"]

    async def values(self) -> dict[str, Any]:
        return {name: await plan.value() for name, plan in self.injected.items()}

    async def value(self) -> Any:
        result = self.function(**await self.values())
        return await result if inspect.isawaitable(result) else result


def inject(function: AnyFunction) -> Callable[..., Awaitable[Any]]:
    """The same function without its injected parameters, always async.

    They are gone from the signature, so they are in no schema and no client can set them.
    A sync function runs in a worker thread, where the caller is still known.
    """
    plan = _plan(function)

    @functools.wraps(function)
    async def call(**arguments: Any) -> Any:
        arguments |= await plan.values()
        if inspect.iscoroutinefunction(function):
            return await function(**arguments)
        return await anyio.to_thread.run_sync(functools.partial(function, **arguments))

    call.__signature__ = _visible_signature(function, plan)  # type: ignore[attr-defined]
    return call


def _plan(function: AnyFunction) -> _Plan:
    hints = get_type_hints(function, include_extras=True)
    injected = {
        name: _plan(dependency) for name, hint in hints.items() if (dependency := _dependency(hint)) is not None
    }
    return _Plan(function, injected)


def _dependency(hint: Any) -> AnyFunction | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((extra.dependency for extra in get_args(hint)[1:] if isinstance(extra, Depends)), None)


def _visible_signature(function: AnyFunction, plan: _Plan) -> inspect.Signature:
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    visible = [
        parameter.replace(annotation=hints[name])
        for name, parameter in signature.parameters.items()
        if name not in plan.injected
    ]
    return signature.replace(parameters=visible, return_annotation=hints.get("return", inspect.Signature.empty))
