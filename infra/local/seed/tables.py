"""Reads typed rows from TOML tables and checks single values. Each error names the key and the fix."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import TypeVar

Row = TypeVar("Row")


class SeedKeyError(Exception):
    """A key of the seed is wrong; the message names it and the fix."""


def read_rows(kind: type[Row], document: Mapping[str, object], key: str) -> tuple[Row, ...]:
    """Read the list of tables under `key`; a missing list is an empty one."""
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise SeedKeyError(f"{key} must be a list of tables; write [[{key}]]")
    return tuple(read_row(kind, table, f"{key}[{place}]") for place, table in enumerate(tables))


def read_row(kind: type[Row], table: object, where: str) -> Row:
    """Read one table into the dataclass `kind`; `where` names the table in errors."""
    if not isinstance(table, dict):
        raise SeedKeyError(f"the table {where} is missing; add it")
    wanted = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(table.keys() - wanted.keys()):
        raise SeedKeyError(f"{where}.{unknown[0]} is not a known key; use {', '.join(wanted)}")
    present = [field for field in wanted.values() if field.name in table or field.default is MISSING]
    return kind(
        **{each.name: _read_value(table.get(each.name), each.type, f"{where}.{each.name}") for each in present}
    )


def _read_value(value: object, wanted: object, where: str) -> str | int | tuple[str, ...]:
    if wanted in (str, str | None):
        if not isinstance(value, str) or not value:
            raise SeedKeyError(f"{where} must be a non-empty string; set it")
        return value
    if wanted is bool:
        if not isinstance(value, bool):
            raise SeedKeyError(f"{where} must be true or false; set it")
        return value
    if wanted is int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise SeedKeyError(f"{where} must be a whole number, zero or more; set it")
        return value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SeedKeyError(f"{where} must be a list of strings; set it (it may be empty)")
    return tuple(value)


def check_unique(table: str, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise SeedKeyError(f"{table}: two rows have the {key} {value!r}; change one")
        seen.add(value)


def check_known(where: str, value: str, known: Collection[str], table: str) -> None:
    if value not in known:
        raise SeedKeyError(f"{where} is {value!r}, which no {table} table has; add one or correct the value")


def check_choice(where: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise SeedKeyError(f"{where} is {value!r}; choose from {', '.join(sorted(choices))}")
