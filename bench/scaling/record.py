"""Take what `make runtime-figures` prints from standard input into measured.toml."""

import re
import sys

from bench.scaling.measured import FILE

ROWS = {
    "init": "INIT",
    "first_after_init": "first `whoami` after INIT",
    "first_restored": "first `whoami`, warmed up",
    "first_not_warmed": "first `whoami`, not warmed up",
    "first_secret_restored": "first `me`, warmed up",
    "first_secret_not_warmed": "first `me`, not warmed up",
    "warm": "warm `whoami`",
}


def recorded(old: str, printed: str) -> str:
    """The file with the medians, the date and the versions of a new measurement.

    Raises:
        ValueError: what was printed lacks a row.
    """
    heading = re.search(r"^(\d{4}-\d\d-\d\d), (.*)\. Milliseconds", printed, re.MULTILINE)
    if not heading:
        raise ValueError("no line with date and versions: is this what make runtime-figures printed?")
    new = re.sub(r'^date = ".*"$', f'date = "{heading[1]}"', old, flags=re.MULTILINE)
    new = re.sub(r'^where = ".*"$', f'where = "{heading[2]}"', new, flags=re.MULTILINE)
    for name, label in ROWS.items():
        new = re.sub(rf"^{name} = [\d.]+", f"{name} = {_median(label, printed)}", new, flags=re.MULTILINE)
    return new


def _median(label: str, printed: str) -> float:
    row = re.search(rf"^\| {re.escape(label)}[^|]*\| ([\d.]+) \|", printed, re.MULTILINE)
    if not row:
        raise ValueError(f"no row that begins with {label!r}: has tests/runtime/figures.py changed its words?")
    return float(row[1])


if __name__ == "__main__":
    FILE.write_text(recorded(FILE.read_text(), sys.stdin.read()))
