"""docs/refusals.md as the table that the run is held to: every reason with its status and public code.

The reasons of API keys are left out: no environment of the run allows keys, and tests/access has their table.
"""

import re
from collections.abc import Mapping

from bench.endurance.expected import Expected
from tests.blocks import ROOT

_ROW = re.compile(r"^\| `(?P<reason>\w+)` \| (?P<status>\d{3}) `(?P<code>\w+)` \|", re.MULTILINE)


def refusals() -> Mapping[str, Expected]:
    text = (ROOT / "docs/refusals.md").read_text()
    rows = (row for row in _ROW.finditer(text) if "api_key" not in row["reason"])
    return {row["reason"]: Expected(int(row["status"]), row["code"], row["reason"]) for row in rows}


REFUSED = refusals()
