"""Typed rows out of TOML tables; each error names the key and the fix."""

from collections.abc import Mapping
from dataclasses import fields
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
    wanted = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(table.keys() - wanted.keys()):
        raise SeedKeyError(f"{where}.{unknown[0]} is not a known key; use {', '.join(wanted)}")
    return kind(**{name: _value(table.get(name), type_, f"{where}.{name}") for name, type_ in wanted.items()})


def _value(value: object, wanted: object, where: str) -> str | tuple[str, ...]:
    if wanted is str:
        if not isinstance(value, str) or not value:
            raise SeedKeyError(f"{where} must be a non-empty string; set it")
        return value
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise SeedKeyError(f"{where} must be a list of strings; set it (it may be empty)")
    return tuple(value)
