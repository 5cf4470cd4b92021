"""Which tests are broad: `make test` leaves them out, `make test-all` runs them too.

`pytest.mark.broad` marks a test or, as `pytestmark`, a whole file: more cases of a rule that a quick test covers
once, or minutes of work. `pytest.mark.matrix("version")` makes the cases of a parametrised test broad, except
those with the first value of that parameter; without a name, except its first case.
"""

import pytest


def mark_broad(items: list[pytest.Item]) -> None:
    """Mark each case of a matrix that `make test` leaves out."""
    for item in items:
        marks = item.iter_markers("matrix")
        if not all(_is_first(item, mark.args) for mark in marks):
            item.add_marker("broad")


def _is_first(item: pytest.Item, names: tuple[str, ...]) -> bool:
    """Whether the parameters with these names, or all if none is named, have the first of their values."""
    case = getattr(item, "callspec", None)
    if case is None:
        return True
    return all(case.indices.get(name, 0) == 0 for name in names or case.indices)
