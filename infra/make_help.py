"""What `make help` prints: a newcomer's targets first, then all others by what they are for.

It runs under any Python 3, before anything is installed.
"""

import re
import shutil
import sys
import textwrap
from pathlib import Path

_ROOT = Path(__file__).parents[1]
GROUPS = {
    "First": "init dev list call new-tool test connect deploy doctor help",
    "Write": "new-prompt new-resource token emulator-seed prompt read inspector logout format lint check lock",
    "Deploy": "build secrets provision smoke rollback delete github-role deploy-local lint-template server-json",
    "Operate": "activity alarms connections stages cost",
    "Test everything": "test-all test-pythons e2e clients converters conformance conformance-server "
    "conformance-auth conformance-compare hostile endurance runtime",
    "Measure": "bench scaling runtime-figures bounds",
    "Tidy": "clean",
}
"""The targets of each group, in the order in which they are shown."""
_OTHERS = "Others"
"""Targets that a team's own .mk files add."""
_NAME_COLUMNS = 22
_MIN_TEXT_COLUMNS = 40


def read_targets(root: Path = _ROOT) -> dict[str, str]:
    """Each target that has a description behind `##`, from the Makefile and the files that it includes."""
    files = [root / "Makefile", *sorted(root.glob("infra/*/*.mk"))]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    matches = [re.match(r"([a-z0-9-]+):.*?## (.+)", line) for line in lines]
    return {match[1]: match[2] for match in matches if match}


def group_targets(targets: dict[str, str]) -> dict[str, list[str]]:
    """The names under each heading; what no group names comes last, so that nothing is left out."""
    groups = {title: [name for name in names.split() if name in targets] for title, names in GROUPS.items()}
    grouped = {name for names in groups.values() for name in names}
    others = [name for name in targets if name not in grouped]
    return {title: names for title, names in {**groups, _OTHERS: others}.items() if names}


def render_help(targets: dict[str, str], columns: int) -> str:
    """The whole text, for a terminal with this many columns."""
    lines = []
    for title, names in group_targets(targets).items():
        lines += ["", title]
        for name in names:
            lines += _render_target(name, targets[name], columns)
    return "\n".join(lines[1:])


def _render_target(name: str, description: str, columns: int) -> list[str]:
    label = f"  make {name}"
    if len(label) >= _NAME_COLUMNS:  # a long name stands on a line of its own
        return [label, *_wrap(description, " " * _NAME_COLUMNS, columns)]
    first, *rest = _wrap(description, " " * _NAME_COLUMNS, columns)
    return [label.ljust(_NAME_COLUMNS) + first[_NAME_COLUMNS:], *rest]


def _wrap(text: str, indent: str, columns: int) -> list[str]:
    width = max(columns, _NAME_COLUMNS + _MIN_TEXT_COLUMNS)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


if __name__ == "__main__":
    sys.stdout.write(render_help(read_targets(), shutil.get_terminal_size().columns) + "\n")
