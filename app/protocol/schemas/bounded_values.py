"""Bounds for single values that cost much: objects with any members, URLs, regular expressions and defaults."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from app.protocol.schemas.validation_work import (
    Handler,
    Schema,
    copy_problem,
    current_work,
    run_around,
    run_before,
)

MAX_UNKNOWN_MEMBERS = 10
"""Reported for one object that forbids them."""
MAX_HOST_LENGTH = 253
"""RFC 1035 section 2.3.4 allows 255 octets, which are two characters fewer as text."""
CHARACTERS_PER_HOST = 3
"""What one more host costs in a URL of several hosts, in characters of a host."""

MEMBERED = {"model-fields", "typed-dict", "dataclass-args"}
_HOSTS = re.compile(r"\s*(?:(?:https?|wss?|ftp):[/\\]*|[^:/?#\\]*:[/\\]{2})([^/?#\\]*)", re.IGNORECASE)
"""Finds the hosts of a URL. The schemes that browsers know need no slashes (WHATWG URL, section 4.4)."""


def bound_members(schema: Schema, extras: str | None) -> Schema:
    """Bound an object; `extras` is what the config around it says of members that are not its fields."""
    known = frozenset(_known_members(schema["fields"]))
    if "extras_schema" in schema or "extras_keys_schema" in schema:
        if _has_reference(schema.get("extras_schema")):
            # Counted only: two more functions at each level would exceed Python's recursion limit in deep bodies.
            return run_before(partial(_count_members, known), schema)
        for part in ("extras_schema", "extras_keys_schema"):
            if part in schema:
                schema[part] = run_around(partial(_stop_at_wrong_member, part), schema[part])
        return run_around(_report_wrong_member, schema)
    forbids = schema.get("extra_behavior", extras) == "forbid"
    return run_before(partial(_drop_unknown, known), schema) if forbids else schema


def _has_reference(schema: Any) -> bool:
    """Whether the schema refers to another one, and so perhaps to itself."""
    if isinstance(schema, dict):
        return schema.get("type") == "definition-ref" or any(map(_has_reference, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_has_reference, schema))


def _count_members(known: Collection[str], value: Any) -> Any:
    if isinstance(value, dict):
        current_work.get().count_members(sum(name not in known for name in value))
    return value


def _known_members(fields: Any) -> Iterator[str]:
    """All names by which callers may give a field."""
    named = fields.items() if isinstance(fields, Mapping) else ((each["name"], each) for each in fields)
    for name, each in named:
        yield name
        alias = each.get("validation_alias", name)
        if isinstance(alias, str):
            yield alias
        else:
            paths = alias if isinstance(alias[0], list) else [alias]
            yield from (path[0] for path in paths)


def _drop_unknown(known: Collection[str], value: Any) -> Any:
    """Leave only some of the unknown members, because pydantic collects an error for each of them."""
    if not isinstance(value, dict):
        return value
    unknown = [name for name in value if name not in known]
    some = max(1, min(MAX_UNKNOWN_MEMBERS, current_work.get().problems))
    if len(unknown) <= some:
        return value
    return {name: value[name] for name in (*(set(value) - set(unknown)), *unknown[:some])}


class _WrongMember(Exception):
    """Ends the validation of one object at its first wrong member: pydantic would collect an error for each."""

    def __init__(self, part: str, value: Any, error: ValidationError) -> None:
        self.part, self.value, self.error = part, value, error


def _stop_at_wrong_member(part: str, value: Any, handler: Handler) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        raise _WrongMember(part, value, error) from None


def _report_wrong_member(value: Any, handler: Handler) -> Any:
    try:
        return handler(value)
    except _WrongMember as member:
        error, place = member.error, _find_place(member, value)
    problems = [copy_problem(each) for each in error.errors(include_url=False)]
    for each in problems:
        each["loc"] = (*place, *each["loc"])
    raise ValidationError.from_exception_data(error.title, problems)


def _find_place(wrong: _WrongMember, value: Any) -> tuple[str, ...]:
    if wrong.part == "extras_keys_schema":
        return (wrong.value,)
    # The first, where several members have the same value.
    members = value.items() if isinstance(value, Mapping) else ()
    return next(((name,) for name, member in members if member is wrong.value), ())


def _bound_url(schema: Schema) -> Schema:
    return run_before(partial(_count_hosts, schema["type"] == "multi-host-url"), schema)


def _count_hosts(several: bool, value: Any) -> Any:
    """Before a URL is parsed: the time for a host that is not ASCII grows with the square of its length."""
    if not isinstance(value, str):
        return value
    work, found = current_work.get(), _HOSTS.match(value)
    text = found[1] if found else ""
    if several:
        work.count_host(CHARACTERS_PER_HOST * text.count(","))
    for part in text.split(",") if several else [text]:
        host = part.rpartition("@")[2]
        if host.isascii() and "%" not in host:
            continue
        if len(host) > MAX_HOST_LENGTH:
            raise PydanticCustomError("host_too_long", "should have a host of at most 253 characters")
        work.count_host(len(host))
    return value


def _bound_pattern(schema: Schema) -> Schema:
    written = schema.get("serialization", {}).get("function")
    # Only its serializer shows that a core schema is that of a `re.Pattern`.
    is_pattern = isinstance(written, attrgetter) and written.__reduce__()[1] == ("pattern",)
    return run_before(_count_pattern, schema) if is_pattern else schema


def _count_pattern(value: Any) -> Any:
    if isinstance(value, str):
        current_work.get().count_pattern(len(value))
    return value


def _bound_default(schema: Schema) -> Schema:
    factory = schema.get("default_factory")
    if factory is None:
        default = schema["default"]
        if _is_hashable(default):
            return schema
        # Pydantic copies such a default for each object too.
        is_empty = type(default) in (list, dict, set) and not default
        factory = type(default) if is_empty else partial(deepcopy, default)
        del schema["default"]
    schema["default_factory"] = _CountedDefault(factory)
    return schema


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


class _CountedDefault:
    """Makes a default, and counts its values. It counts as many each time as the first time."""

    def __init__(self, factory: Callable[..., Any]) -> None:
        self._factory = factory
        self._values = 0

    def __call__(self, *validated: Any) -> Any:
        if self._values:
            current_work.get().count_default(self._values)
            return self._factory(*validated)
        default = self._factory(*validated)
        self._values = sum(1 for _ in islice(_walk(default), 1_000_000))
        return default


def _walk(value: Any) -> Iterator[None]:
    waiting, seen = [value], set[int]()
    while waiting:
        part = waiting.pop()
        yield None
        if isinstance(part, str | bytes | int | float) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Mapping):
            waiting += part.values()
        elif isinstance(part, list | tuple | set | frozenset):
            waiting += part
        else:
            waiting += getattr(part, "__dict__", {}).values()


BOUNDED_VALUES: Mapping[str, Callable[[Schema], Schema]] = {
    "default": _bound_default,
    "function-plain": _bound_pattern,
    "multi-host-url": _bound_url,
    "url": _bound_url,
}
