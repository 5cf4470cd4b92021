"""A model of arguments that gives up early: at the first misfit of a list, and where a choice takes too long.

Pydantic itself collects an error for each item of a list, and for each member of a choice of types: a small body
makes gigabytes of them. It also tries all members of a choice at each level of a tree that has one at each level:
twenty levels of a choice of two are a million attempts. And Python puts different numbers of one hash, which
anybody can make up, in one place of a set: a hundred thousand of them take a minute.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias, get_args

from mcp_types import INVALID_PARAMS
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError, SchemaValidator
from pydantic_core.core_schema import ErrorType

from app.protocol.bounds import BoundExceeded, JsonAllowance, NestedTooDeep
from app.protocol.guard import Failed

MAX_ATTEMPTS = 750_000
"""Comparisons of a JSON value with a member of a choice of types."""
REPEATED_ATTEMPTS = 45
"""Comparisons that take as long as one more visit of a choice, for the next member of a choice around it."""
MAX_PROBLEMS = 100
"""After so many problems in trees and choices, each further part of them tells its first problem alone."""
MAX_EQUAL_HASHES = 8
"""Different items of one set that Python puts in one place."""

Schema: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Any], Any]
_STOPPING = {"list", "deque", "tuple", "set", "frozenset", "dict", "frozendict", "ordered-dict", "counter"}
"""The schemas of pydantic that have `fail_fast`."""
_NOT_SCHEMAS = {
    *("cls", "config", "default", "expected", "function", "metadata", "ref", "schema_ref", "serialization")
}
_SINGLE = {
    *("bool", "bytes", "date", "datetime", "decimal", "enum", "float", "int", "literal", "none", "str"),
    *("time", "timedelta", "url", "uuid"),
}
"""One value each: a choice of them costs no more than they do."""
_UNPREDICTABLE = {"bool", "bytes", "date", "datetime", "enum", "literal", "none", "str", "time"}
"""Nobody outside of the process can make up many of them that have one hash."""
_KNOWN_PROBLEMS = frozenset(get_args(ErrorType))


@dataclass(slots=True)
class _Work:
    """What it may still take to validate the arguments of one call."""

    attempts: int = MAX_ATTEMPTS
    problems: int = MAX_PROBLEMS
    texts: JsonAllowance = field(default_factory=JsonAllowance)
    seen: set[int] = field(default_factory=set)
    """Which objects a choice was compared with: they stay where they are until the arguments are validated."""

    def spend(self, value: Any, members: int) -> None:
        """Raises: Failed, once it is too much."""
        if id(value) not in self.seen:
            self.seen.add(id(value))
            self._take(members * (1 + len(value)))
            return
        # Another member of a choice around this one leads here, and all that is in it is validated again.
        self._take(REPEATED_ATTEMPTS)
        for _ in _values(value):
            self._take(members)

    def can_tell(self, error: ValidationError) -> bool:
        """Whether all that is wrong there can be told."""
        self.problems -= error.error_count()
        return self.problems >= 0

    def _take(self, attempts: int) -> None:
        self.attempts -= attempts
        if self.attempts < 0:
            raise _too_much(
                "each value is compared with each member of a choice of types, which takes too long for so many "
                "values, or for so many levels of them"
            )


_work: ContextVar[_Work] = ContextVar("validation_work")


def bound_validation(model: type[BaseModel]) -> None:
    """Have the model validate within bounds from now on. What fits it stays the same, and so does what does not.

    A call that goes over a bound is ended by Failed, which says over which.
    """
    model.model_rebuild()  # if nobody has used it yet
    schema: Any = model.__pydantic_core_schema__
    bounded: Any = _around(_with_work, _Bounds(schema.get("definitions", [])).add_to(schema))
    # Nothing pre-built: the validators of the author's own models have no bounds.
    model.__pydantic_validator__ = SchemaValidator(bounded, _use_prebuilt=False)


def count_json(text: str, allowance: JsonAllowance) -> None:
    """Before a text among the arguments is parsed.

    Raises:
        Failed: all of them together hold more than one body may.
        NestedTooDeep: it is no JSON that is read.
    """
    try:
        allowance.take(text.encode(errors="surrogatepass"))
    except NestedTooDeep:
        raise
    except BoundExceeded as exceeded:
        raise _too_much(f"in the JSON of their texts, {exceeded}") from None


def _with_work(value: Any, handler: Handler) -> Any:
    token = _work.set(_Work())
    try:
        return handler(value)
    finally:
        _work.reset(token)


@dataclass(frozen=True, slots=True)
class _Bounds:
    definitions: list[Any]
    """Schemas that others refer to."""

    def add_to(self, schema: Any) -> Any:
        """A copy with bounds. The models' own schemas stay as they are: other code validates with them."""
        if isinstance(schema, list | tuple):
            return type(schema)(self.add_to(part) for part in schema)
        if not isinstance(schema, dict):
            return schema
        copy = {key: part if key in _NOT_SCHEMAS else self.add_to(part) for key, part in schema.items()}
        kind = copy.get("type")
        # A schema, where a model has a field of that name.
        return self._changed(kind, copy) if isinstance(kind, str) else copy

    def _changed(self, kind: str, schema: Schema) -> Schema:
        if kind in _STOPPING:
            schema["fail_fast"] = True
        if kind in ("set", "frozenset"):
            return _distinct_items(schema)
        if "keys_schema" in schema:
            return self._distinct_keys(schema)
        if kind == "union":
            return _limited_choice(schema)
        if kind == "definition-ref":
            return _around(_tell_first_problem, schema)
        return _before(_count_own_json, schema) if kind == "json" else schema

    def _distinct_keys(self, schema: Schema) -> Schema:
        keys = schema["keys_schema"]
        if keys["type"] in (*_UNPREDICTABLE, "any"):
            return schema
        listed: Any = {"type": "list", "items_schema": keys, "fail_fast": True}
        if self.definitions:
            listed = {"type": "definitions", "schema": listed, "definitions": self.definitions}
        return _before(partial(_require_different_keys, SchemaValidator(listed)), schema)


def _distinct_items(schema: Schema) -> Schema:
    items = schema.get("items_schema", {"type": "any"})
    if items["type"] in _UNPREDICTABLE or schema.get("strict"):  # strictly, a list is no set
        return schema
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    listed = {"type": "list", "items_schema": items, "fail_fast": True}
    of_them = {key: part for key, part in schema.items() if key != "items_schema"}
    return {"type": "chain", "steps": [listed, _before(_require_different_hashes, of_them)], **reference}


def _limited_choice(schema: Schema) -> Schema:
    choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
    members = sum(each["type"] not in _SINGLE for each in choices)
    return _around(partial(_choose, members), schema) if members > 1 else schema


def _choose(members: int, value: Any, handler: Handler) -> Any:
    if not isinstance(value, dict | list):
        return handler(value)
    work = _work.get()
    work.spend(value, members)
    try:
        return handler(value)
    except ValidationError as error:
        if work.can_tell(error):
            raise
        raise PydanticCustomError("no_member", "should be one of the types that are possible here") from None


def _tell_first_problem(value: Any, handler: Handler) -> Any:
    """Of an object in a tree, which may be in it thousands of times."""
    try:
        return handler(value)
    except ValidationError as error:
        if _work.get().can_tell(error):
            raise
        first = _detail(error.errors(include_url=False)[0])
        raise ValidationError.from_exception_data(error.title, [first]) from None


def _detail(problem: ErrorDetails) -> InitErrorDetails:
    kind: Any = problem["type"]
    if kind not in _KNOWN_PROBLEMS:  # an author's own
        message: Any = problem["msg"]
        kind = PydanticCustomError(kind, message)
    return {"type": kind, "loc": problem["loc"], "input": problem["input"], "ctx": problem.get("ctx", {})}


def _values(value: Any) -> Iterator[None]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield None
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _count_own_json(value: Any) -> Any:
    """Before a `Json[...]` is parsed."""
    if isinstance(value, str):
        count_json(value, _work.get().texts)
    return value


def _require_different_keys(keys: SchemaValidator, value: Any) -> Any:
    if isinstance(value, dict):
        try:
            _require_different_hashes(keys.validate_python(list(value)))
        except ValidationError:
            return value  # the table itself will say so
    return value


def _require_different_hashes(items: list[Any]) -> list[Any]:
    by_hash: dict[int, list[Any]] = {}
    for item in items:
        try:
            different = by_hash.setdefault(hash(item), [])
        except TypeError:  # the set itself will say so
            continue
        if item not in different:
            different.append(item)
        if len(different) > MAX_EQUAL_HASHES:
            raise _too_much("some of them were made up to be slow to tell apart")
    return items


def _too_much(reason: str) -> Failed:
    return Failed(INVALID_PARAMS, f"The arguments are more than is read: {reason}.")


def _before(check: Callable[[Any], Any], schema: Schema) -> Schema:
    """`check` sees the value before `schema` does."""
    return _with_function("function-before", check, schema)


def _around(function: Callable[[Any, Handler], Any], schema: Schema) -> Schema:
    return _with_function("function-wrap", function, schema)


def _with_function(kind: str, function: Callable[..., Any], schema: Schema) -> Schema:
    # What refers to the schema has to come through the function.
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    return {"type": kind, "function": {"type": "no-info", "function": function}, "schema": schema, **reference}
