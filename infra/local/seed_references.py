"""What the checks of the seed ask of a value: that it is unique, known, or one of a few."""

from collections.abc import Collection, Iterable

from infra.local.seed_tables import SeedKeyError


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
