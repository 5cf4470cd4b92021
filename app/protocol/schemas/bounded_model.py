"""Bounds for the model of a tool's arguments: a hostile call must not take seconds or gigabytes to validate.

- Pydantic collects an error for each item of a list and for each member of a union. Here a list ends at its first
  wrong item, and a union that makes too many errors reports one.
- In a tree with a union at each level, pydantic tries all members at each level: a union of two at twenty levels
  is a million attempts. Here the attempts of one call are counted.
- Numbers with equal hashes, which anybody can compute, share one place of a set: a hundred thousand of them take a
  minute. Here a set or table ends after a few.

Single values that cost much, such as URLs and regular expressions, are bounded in bounded_values.py.
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
    ValidationWork,
    copy_problem,
    current_work,
    over_bound,
    run_around,
    run_before,
)
from app.protocol.wire.message import BoundExceeded, JsonAllowance, NestedTooDeep

MAX_EQUAL_HASHES = 8
"""Different items of one set, or keys of one table, that have one hash."""

_STOPPING = {"list", "deque", "tuple", "set", "frozenset", "dict", "frozendict", "ordered-dict", "counter"}
"""Kinds of core schemas that have `fail_fast`."""
_NOT_SCHEMAS = {
    *("cls", "config", "default", "expected", "function", "metadata", "ref", "schema_ref", "serialization")
}
_SINGLE = {
    *("bool", "bytes", "date", "datetime", "decimal", "enum", "float", "int", "literal", "none", "str"),
    *("time", "timedelta", "url", "uuid"),
}
"""Kinds of single values. A union of them alone is cheap, so its attempts are not counted."""
_UNPREDICTABLE = {"bool", "bytes", "date", "datetime", "enum", "literal", "none", "str", "time"}
"""Kinds of which a caller cannot compute many values with one hash: hashes are salted, or the values few."""


def bound_validation(model: type[BaseModel]) -> None:
    """Have the model validate within bounds from now on. It accepts and refuses the same values as before.

    Validating a value that exceeds a bound raises CallFailed, which names the bound.
    """
    model.model_rebuild()  # its core schema may not have been built yet
    schema: Any = model.__pydantic_core_schema__
    bounded = _Bounds(schema.get("definitions", [])).add_to(schema)
    if bounded == schema:
        return  # it has only types that are cheap to validate
    # Without pre-built validators: those of the author's own models have no bounds.
    model.__pydantic_validator__ = SchemaValidator(run_around(_start_work, bounded), _use_prebuilt=False)


def count_json(text: str, allowance: JsonAllowance) -> None:
    """Count a text among the arguments before it is parsed as JSON.

    Raises:
        CallFailed: the texts of one call hold more together than one body may.
        NestedTooDeep: this text is nested too deep.
    """
    try:
        allowance.take(text.encode(errors="surrogatepass"))
    except NestedTooDeep:
        raise
    except BoundExceeded as exceeded:
        raise over_bound(f"in the JSON of their texts, {exceeded}") from None


def _start_work(value: Any, handler: Handler) -> Any:
    with current_work.bound(ValidationWork()):
        return handler(value)


@dataclass(frozen=True, slots=True)
class _Bounds:
    definitions: list[Any]
    """Core schemas that others refer to."""

    def add_to(self, schema: Any, extras: str | None = None) -> Any:
        """A copy with bounds. The original stays as it is, because other code validates with the author's models.

        `extras` is what the config of the object around it says of members that are not its fields.
        """
        if isinstance(schema, list | tuple):
            return type(schema)(self.add_to(part, extras) for part in schema)
        if not isinstance(schema, dict):
            return schema
        kind = schema.get("type")
        if kind in ("model", "dataclass") or isinstance(schema.get("config"), dict):
            extras = schema.get("config", {}).get("extra_fields_behavior")
        copy = {key: part if key in _NOT_SCHEMAS else self.add_to(part, extras) for key, part in schema.items()}
        # In a table of fields, "type" may be a field's name, and its value a schema.
        return self._bound(kind, copy, extras) if isinstance(kind, str) else copy

    def _bound(self, kind: str, schema: Schema, extras: str | None) -> Schema:
        if kind in _STOPPING:
            schema["fail_fast"] = True
        if kind in MEMBERED:
            return bound_members(schema, extras)
        if "keys_schema" in schema:
            return self._bound_keys(schema)
        return _BOUNDED[kind](schema) if kind in _BOUNDED else schema

    def _bound_keys(self, schema: Schema) -> Schema:
        keys = schema["keys_schema"]
        if keys["type"] in (*_UNPREDICTABLE, "any"):
            return schema
        listed: Any = {"type": "list", "items_schema": keys, "fail_fast": True}
        if self.definitions:
            listed = {"type": "definitions", "schema": listed, "definitions": self.definitions}
        return run_before(partial(_require_different_keys, SchemaValidator(listed)), schema)


def _bound_items(schema: Schema) -> Schema:
    items = schema.get("items_schema", {"type": "any"})
    if items["type"] in _UNPREDICTABLE or schema.get("strict"):  # in strict mode a list is not accepted for a set
        return schema
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    listed = {"type": "list", "items_schema": items, "fail_fast": True}
    of_them = {key: part for key, part in schema.items() if key != "items_schema"}
    return {"type": "chain", "steps": [listed, run_before(_require_different_hashes, of_them)], **reference}


def _bound_union(schema: Schema) -> Schema:
    choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
    members = sum(each["type"] not in _SINGLE for each in choices)
    return run_around(partial(_validate_union, members), schema) if members > 1 else schema


def _validate_union(members: int, value: Any, handler: Handler) -> Any:
    if not isinstance(value, dict | list):
        return handler(value)
    work = current_work.get()
    work.count_union(value, members)
    try:
        return handler(value)
    except ValidationError as error:
        if work.can_report(error):
            raise
        raise PydanticCustomError("no_member", "should be one of the types that are possible here") from None


def _report_first_problem(value: Any, handler: Handler) -> Any:
    """For an object in a tree, where the same problem may occur thousands of times."""
    try:
        return handler(value)
    except ValidationError as error:
        if current_work.get().can_report(error):
            raise
        first = copy_problem(error.errors(include_url=False)[0])
        raise ValidationError.from_exception_data(error.title, [first]) from None


def _count_json_field(value: Any) -> Any:
    """Before pydantic parses a `Json[...]`."""
    if isinstance(value, str):
        count_json(value, current_work.get().texts)
    return value


def _require_different_keys(keys: SchemaValidator, value: Any) -> Any:
    if isinstance(value, dict):
        try:
            _require_different_hashes(keys.validate_python(list(value)))
        except ValidationError:
            return value  # validating the table will report it
    return value


def _require_different_hashes(items: list[Any]) -> list[Any]:
    by_hash: dict[int, list[Any]] = {}
    for item in items:
        try:
            different = by_hash.setdefault(hash(item), [])
        except TypeError:  # validating the set will report it
            continue
        if item not in different:
            different.append(item)
        if len(different) > MAX_EQUAL_HASHES:
            raise over_bound("some of them were made up to be slow to tell apart")
    return items


_BOUNDED: Mapping[str, Callable[[Schema], Schema]] = {
    "set": _bound_items,
    "frozenset": _bound_items,
    "union": _bound_union,
    "definition-ref": partial(run_around, _report_first_problem),
    "json": partial(run_before, _count_json_field),
    **BOUNDED_VALUES,
}
"""What bounds each kind of core schema. The other kinds need no bound."""
