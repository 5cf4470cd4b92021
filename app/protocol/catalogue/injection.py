"""Which parameters the server fills: `Annotated[T, Depends(get_t)]`, as in a FastAPI route."""

import inspect
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi.params import Depends

from app.current import Slot
from app.protocol.catalogue.dependency import (
    AnyFunction,
    InjectionError,
    Kind,
    describe,
    find_callable,
    find_kind,
    make_key,
    read_signature,
    require_fillable,
)

dependency_overrides: Slot[Mapping[Any, AnyFunction]] = Slot("dependency overrides")
"""What takes the place of which dependency, for tests, as `app.dependency_overrides` in FastAPI.

Plans are made at the start, so it holds for an application that is composed while it is bound.
"""

_CACHED = type(cache(lambda: None))


@dataclass(frozen=True, slots=True)
class InjectionPlan:
    """A function, and which functions its injected parameters come from."""

    function: AnyFunction
    injected: dict[str, "InjectionPlan"]
    """From the parameter's name to the plan of its dependency."""
    arguments: tuple[str, ...]
    """The names of the other parameters."""
    kind: Kind
    key: Hashable
    """Equal for the same dependency, which one call runs once."""
    use_cache: bool = True
    """Whether a value may be used that the same call has already. False runs the dependency again."""

    @classmethod
    def for_function(
        cls, function: AnyFunction, above: tuple[Hashable, ...] = (), *, use_cache: bool = True
    ) -> "InjectionPlan":
        """Read from the signature; `above` has the keys of the functions that need this one, outermost first.

        Raises:
            InjectionError: a dependency cannot be called, depends on itself, or has a parameter that nothing
                fills.
        """
        key = make_key(function)
        if key in above:
            raise InjectionError(f"{describe(function)} depends on itself; remove one of its dependencies")
        parameters, hints = read_signature(function)
        injected = {}
        for name, parameter in parameters.items():
            if (depends := _find_depends(parameter, hints.get(name))) is not None:
                _require_name(function, parameter)
                injected[name] = cls._for_depends(depends, hints.get(name), (*above, key))
            elif above:
                require_fillable(function, parameter, hints.get(name))
        arguments = tuple(name for name in parameters if name not in injected)
        return cls(function, injected, arguments, find_kind(function), key, use_cache)

    @classmethod
    def _for_depends(cls, depends: Depends, hint: Any, above: tuple[Hashable, ...]) -> "InjectionPlan":
        function = find_callable(depends, hint)
        if (overrides := dependency_overrides.find()) is not None:
            function = overrides.get(make_key(function), function)
        return cls.for_function(function, above, use_cache=depends.use_cache)

    def may_block(self) -> bool:
        """Whether it is sync, unless it is settings or the like, whose only value `functools.cache` has by now."""
        if self.kind != "thread":
            return False
        function: Any = self.function
        is_cached = isinstance(function, _CACHED) and not self.injected and not self.arguments
        return not (is_cached and function.cache_info().currsize)

    @property
    def yields(self) -> bool:
        """Whether a dependency, at any depth, goes on once the result is there."""
        return any("generator" in plan.kind or plan.yields for plan in self.injected.values())

    def needs(self, dependency: AnyFunction) -> bool:
        """Whether the function, or one of its dependencies at any depth, depends on this one."""
        return any(each is dependency for each in self.list_dependencies())

    def list_dependencies(self) -> "list[AnyFunction]":
        """What it depends on, at any depth, those of a dependency before it."""
        listed: list[AnyFunction] = []
        for plan in self.injected.values():
            listed += [*plan.list_dependencies(), plan.function]
        return listed

    def visible_signature(self) -> inspect.Signature:
        """The function's signature without the injected parameters, with its types read."""
        hints = get_type_hints(self.function, include_extras=True)
        signature = inspect.signature(self.function)
        visible = [signature.parameters[name].replace(annotation=hints[name]) for name in self.arguments]
        return signature.replace(
            parameters=visible, return_annotation=hints.get("return", inspect.Signature.empty)
        )


def _find_depends(parameter: inspect.Parameter, hint: Any) -> Depends | None:
    """In both of FastAPI's spellings: in Annotated, and as the default."""
    if isinstance(parameter.default, Depends):
        return parameter.default
    if get_origin(hint) is not Annotated:
        return None
    return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Depends)), None)


def _require_name(function: AnyFunction, parameter: inspect.Parameter) -> None:
    """Raises: InjectionError, for a parameter that cannot be filled by its name."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise InjectionError(
            f"{describe(function)} takes {parameter.name}, which has to be filled by its name; remove the * or /"
        )
