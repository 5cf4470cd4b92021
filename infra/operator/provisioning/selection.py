"""Choose the steps by ONLY= and SKIP=."""

from collections.abc import Mapping, Sequence


class UnknownStep(Exception):
    """ONLY or SKIP names a step that does not exist; the message lists those that do."""


def select_steps(names: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the steps to run, in their order.

    Raises:
        UnknownStep: if ONLY or SKIP names another one.
    """
    only, skip = _read(environment, "ONLY", names), _read(environment, "SKIP", names)
    return tuple(each for each in names if (not only or each in only) and each not in skip)


def _read(environment: Mapping[str, str], variable: str, names: Sequence[str]) -> tuple[str, ...]:
    given = tuple(environment.get(variable, "").replace(",", " ").split())
    if unknown := [each for each in given if each not in names]:
        raise UnknownStep(f"{variable}: {unknown[0]} is not a step; choose from {', '.join(names)}")
    return given
