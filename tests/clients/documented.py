"""The table of programs in docs/clients.md, which the runs and the tests of the documents hold to the truth."""

import json
import re
from dataclasses import dataclass

from tests.blocks import ROOT

PAGE = ROOT / "docs/clients.md"
FOLDERS = ("tests/clients/node", "tests/clients/quick", "tests/e2e/node")
COLUMNS = (
    "program",
    "version",
    "protocol",
    "login and call",
    "after the token expired",
    "scopes it asks for",
    "name on the consent page",
)


@dataclass(frozen=True)
class Row:
    """What was seen of one program, in the words of the table."""

    protocol: str
    login_and_call: str
    after_expiry: str
    scopes: str
    consent: str


def documented_rows() -> dict[str, tuple[str, Row]]:
    """The version and the row of each program."""
    head = re.escape("| " + " | ".join(COLUMNS) + " |")
    (table,) = re.findall(rf"^{head}\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {name: (version, Row(*cells)) for name, version, *cells in rows}


def pinned_versions() -> dict[str, str]:
    """The exact version of each package that is installed for the runs."""
    versions: dict[str, str] = {}
    for folder in FOLDERS:
        versions |= json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
    for lock in ("clients", "mcp-use"):
        text = (ROOT / f"requirements/{lock}.txt").read_text()
        versions |= dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))
    return versions
