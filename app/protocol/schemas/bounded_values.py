"""Bounds of single schemas: of objects with members of any name, of URLs, regular expressions and defaults."""

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
    around,
    before,
    current_work,
    detail_of,
)

MAX_UNKNOWN_MEMBERS = 10
"""Of one object that forbids them. More are as wrong."""
MAX_HOST_LENGTH = 253
"""RFC 1035 section 2.3.4: 255 octets, of which the text has two less."""
HOST_ALONE = 3
"""Characters of a host that cost as much as one more host in a URL that may have several."""

MEMBERED = {"model-fields", "typed-dict", "dataclass-args"}
_HOSTS = re.compile(r"\s*(?:(?:https?|wss?|ftp):[/\\]*|[^:/?#\\]*:[/\\]{2})([^/?#\\]*)", re.IGNORECASE)
"""The scheme of a browser's URL needs no slashes (WHATWG URL, 4.4)."""


def bound_members(schema: Schema, extras: str | None) -> Schema:
    """`extras` is what the config around it says of members of other names."""
    known = frozenset(_known_members(schema["fields"]))
    if "extras_schema" in schema or "extras_keys_schema" in schema:
        if _refers(schema.get("extras_schema")):
            # Two functions more at each level would be too many for Python at the depth that a body may have.
            return before(partial(_count_members, known), schema)
        for part in ("extras_schema", "extras_keys_schema"):
            if part in schema:
                schema[part] = around(partial(_stop_at_misfit, part), schema[part])
        return around(_tell_first_extra, schema)
    forbids = schema.get("extra_behavior", extras) == "forbid"
    return before(partial(_with_few_unknown, known), schema) if forbids else schema


def _refers(schema: Any) -> bool:
    """Whether it may lead back to itself."""
    if isinstance(schema, dict):
        return schema.get("type") == "definition-ref" or any(map(_refers, schema.values()))
    return isinstance(schema, list | tuple) and any(map(_refers, schema))


def _count_members(known: Collection[str], value: Any) -> Any:
    if isinstance(value, dict):
        current_work.get().read_members(sum(name not in known for name in value))
    return value


def _known_members(fields: Any) -> Iterator[str]:
    """All names that a field may have been given by."""
    named = fields.items() if isinstance(fields, Mapping) else ((each["name"], each) for each in fields)
    for name, each in named:
        yield name
        alias = each.get("validation_alias", name)
        if isinstance(alias, str):
            yield alias
        else:
            paths = alias if isinstance(alias[0], list) else [alias]
            yield from (path[0] for path in paths)


def _with_few_unknown(known: Collection[str], value: Any) -> Any:
    """The same misfit, with less to tell of it: pydantic collects an error for each."""
    if not isinstance(value, dict):
        return value
    unknown = [name for name in value if name not in known]
    some = max(1, min(MAX_UNKNOWN_MEMBERS, current_work.get().problems))
    if len(unknown) <= some:
        return value
    return {name: value[name] for name in (*(set(value) - set(unknown)), *unknown[:some])}


class _MisfitOfExtra(Exception):
    """Ends the validation of one object: pydantic itself would go on to collect an error for each."""

    def __init__(self, part: str, value: Any, error: ValidationError) -> None:
        self.part, self.value, self.error = part, value, error


def _stop_at_misfit(part: str, value: Any, handler: Handler) -> Any:
    try:
        return handler(value)
    except ValidationError as error:
        raise _MisfitOfExtra(part, value, error) from None


def _tell_first_extra(value: Any, handler: Handler) -> Any:
    try:
        return handler(value)
    except _MisfitOfExtra as misfit:
        told, place = misfit.error, _place_of(misfit, value)
    problems = [detail_of(each) for each in told.errors(include_url=False)]
    for each in problems:
        each["loc"] = (*place, *each["loc"])
    raise ValidationError.from_exception_data(told.title, problems)


def _place_of(misfit: _MisfitOfExtra, value: Any) -> tuple[str, ...]:
    if misfit.part == "extras_keys_schema":
        return (misfit.value,)
    # Where several members have the same misfit, the first of them.
    members = value.items() if isinstance(value, Mapping) else ()
    return next(((name,) for name, member in members if member is misfit.value), ())


def _bound_url(schema: Schema) -> Schema:
    return before(partial(_count_hosts, schema["type"] == "multi-host-url"), schema)


def _count_hosts(several: bool, value: Any) -> Any:
    """Before a URL is parsed: a host that is not ASCII takes a time that grows with its square."""
    if not isinstance(value, str):
        return value
    work, found = current_work.get(), _HOSTS.match(value)
    text = found[1] if found else ""
    if several:
        work.read_host(HOST_ALONE * text.count(","))
    for part in text.split(",") if several else [text]:
        host = part.rpartition("@")[2]
        if host.isascii() and "%" not in host:
            continue
        if len(host) > MAX_HOST_LENGTH:
            raise PydanticCustomError("host_too_long", "should have a host of at most 253 characters")
        work.read_host(len(host))
    return value


def _bound_pattern(schema: Schema) -> Schema:
    written = schema.get("serialization", {}).get("function")
    # Nothing else in the schema of a `re.Pattern` says that it is one.
    is_pattern = isinstance(written, attrgetter) and written.__reduce__()[1] == ("pattern",)
    return before(_count_pattern, schema) if is_pattern else schema


def _count_pattern(value: Any) -> Any:
    if isinstance(value, str):
        current_work.get().compile_pattern(len(value))
    return value


def _bound_default(schema: Schema) -> Schema:
    factory = schema.get("default_factory")
    if factory is None:
        default = schema["default"]
        if _is_hashable(default):
            return schema
        # As pydantic itself does.
        is_empty = type(default) in (list, dict, set) and not default
        factory = type(default) if is_empty else partial(deepcopy, default)
        del schema["default"]
    schema["default_factory"] = _Counted(factory)
    return schema


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


class _Counted:
    """Makes a default, and counts what was made: as much as the first time."""

    def __init__(self, factory: Callable[..., Any]) -> None:
        self._factory = factory
        self._values = 0

    def __call__(self, *validated: Any) -> Any:
        if self._values:
            current_work.get().make_default(self._values)
            return self._factory(*validated)
        made = self._factory(*validated)
        self._values = sum(1 for _ in islice(_parts(made), 1_000_000))
        return made


def _parts(value: Any) -> Iterator[None]:
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
