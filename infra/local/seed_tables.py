"""Typed rows out of TOML tables; each error names the key and the fix."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TypeVar

Row = TypeVar("Row")


class SeedKeyError(Exception):
    """A key of the seed is wrong; the message names it and the fix."""


def rows(kind: type[Row], document: Mapping[str, object], key: str) -> tuple[Row, ...]:
    tables = document.get(key, [])
    if not isinstance(tables, list):
        raise SeedKeyError(f"{key} must be a list of tables; write [[{key}]]")
    return tuple(row(kind, table, f"{key}[{place}]") for place, table in enumerate(tables))


def row(kind: type[Row], table: object, where: str) -> Row:
    if not isinstance(table, dict):
        raise SeedKeyError(f"the table {where} is missing; add it")
    wanted = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(table.keys() - wanted.keys()):
        raise SeedKeyError(f"{where}.{unknown[0]} is not a known key; use {', '.join(wanted)}")
    given = [field for field in wanted.values() if field.name in table or field.default is MISSING]
    return kind(**{each.name: _value(table.get(each.name), each.type, f"{where}.{each.name}") for each in given})


def _value(value: object, wanted: object, where: str) -> str | int | tuple[str, ...]:
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
