"""A model of arguments that gives up early: at the first misfit of a list, and where a choice takes too long.

Pydantic itself collects an error for each item of a list, and for each member of a choice of types: a small body
makes gigabytes of them. It also tries all members of a choice at each level of a tree that has one at each level:
twenty levels of a choice of two are a million attempts. And Python puts different numbers of one hash, which
anybody can make up, in one place of a set: a hundred thousand of them take a minute. Single values that cost much
are bounded in bounded_values.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError, SchemaValidator

from app.protocol.schemas.bounded_values import BOUNDED_VALUES, MEMBERED, bound_members
from app.protocol.schemas.validation_work import (
    Handler,
    Schema,
    Work,
    around,
    before,
    current_work,
    detail_of,
    too_much,
)
from app.protocol.wire.bounds import BoundExceeded, JsonAllowance, NestedTooDeep

MAX_EQUAL_HASHES = 8
"""Different items of one set that Python puts in one place."""

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


def bound_validation(model: type[BaseModel]) -> None:
    """Have the model validate within bounds from now on. What fits it stays the same, and so does what does not.

    A call that goes over a bound is ended by Failed, which says over which.
    """
    model.model_rebuild()  # if nobody has used it yet
    schema: Any = model.__pydantic_core_schema__
    bounded: Any = around(_with_work, _Bounds(schema.get("definitions", [])).add_to(schema))
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
        raise too_much(f"in the JSON of their texts, {exceeded}") from None


def _with_work(value: Any, handler: Handler) -> Any:
    with current_work.bound(Work()):
        return handler(value)


@dataclass(frozen=True, slots=True)
class _Bounds:
    definitions: list[Any]
    """Schemas that others refer to."""

    def add_to(self, schema: Any, extras: str | None = None) -> Any:
        """A copy with bounds. The models' own schemas stay as they are: other code validates with them.

        `extras` is what the config around it says of members of other names.
        """
        if isinstance(schema, list | tuple):
            return type(schema)(self.add_to(part, extras) for part in schema)
        if not isinstance(schema, dict):
            return schema
        kind = schema.get("type")
        if kind in ("model", "dataclass") or isinstance(schema.get("config"), dict):
            extras = schema.get("config", {}).get("extra_fields_behavior")
        copy = {key: part if key in _NOT_SCHEMAS else self.add_to(part, extras) for key, part in schema.items()}
        # A schema, where a model has a field of that name.
        return self._changed(kind, copy, extras) if isinstance(kind, str) else copy

    def _changed(self, kind: str, schema: Schema, extras: str | None) -> Schema:
        if kind in _STOPPING:
            schema["fail_fast"] = True
        if kind in MEMBERED:
            return bound_members(schema, extras)
        if "keys_schema" in schema:
            return self._distinct_keys(schema)
        return _BOUNDED[kind](schema) if kind in _BOUNDED else schema

    def _distinct_keys(self, schema: Schema) -> Schema:
        keys = schema["keys_schema"]
        if keys["type"] in (*_UNPREDICTABLE, "any"):
            return schema
        listed: Any = {"type": "list", "items_schema": keys, "fail_fast": True}
        if self.definitions:
            listed = {"type": "definitions", "schema": listed, "definitions": self.definitions}
        return before(partial(_require_different_keys, SchemaValidator(listed)), schema)


def _distinct_items(schema: Schema) -> Schema:
    items = schema.get("items_schema", {"type": "any"})
    if items["type"] in _UNPREDICTABLE or schema.get("strict"):  # strictly, a list is no set
        return schema
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    listed = {"type": "list", "items_schema": items, "fail_fast": True}
    of_them = {key: part for key, part in schema.items() if key != "items_schema"}
    return {"type": "chain", "steps": [listed, before(_require_different_hashes, of_them)], **reference}


def _limited_choice(schema: Schema) -> Schema:
    choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
    members = sum(each["type"] not in _SINGLE for each in choices)
    return around(partial(_choose, members), schema) if members > 1 else schema


def _choose(members: int, value: Any, handler: Handler) -> Any:
    if not isinstance(value, dict | list):
        return handler(value)
    work = current_work.get()
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
        if current_work.get().can_tell(error):
            raise
        first = detail_of(error.errors(include_url=False)[0])
        raise ValidationError.from_exception_data(error.title, [first]) from None


def _count_own_json(value: Any) -> Any:
    """Before a `Json[...]` is parsed."""
    if isinstance(value, str):
        count_json(value, current_work.get().texts)
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
            raise too_much("some of them were made up to be slow to tell apart")
    return items


_BOUNDED: Mapping[str, Callable[[Schema], Schema]] = {
    "set": _distinct_items,
    "frozenset": _distinct_items,
    "union": _limited_choice,
    "definition-ref": partial(around, _tell_first_problem),
    "json": partial(before, _count_own_json),
    **BOUNDED_VALUES,
}
"""How to bound a schema of each kind; the others have no need."""
