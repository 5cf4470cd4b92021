"""Writes the results of a run into docs/performance.md and docs/performance-tables.md, between two marks.

Everything outside of the marks is written by hand and stays.
"""

import hashlib
import json
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.packages import FOLDER, PREFERRED, moved_when_done, python
from bench.subject import Figure, machine
from tests.blocks import ROOT

PAGE, TABLES = ROOT / "docs/performance.md", ROOT / "docs/performance-tables.md"
CHART = ROOT / "docs/images/performance.png"
BEGIN, END = "<!-- begin: make bench -->", "<!-- end: make bench -->"
_LOCK = ROOT / "requirements/bench-chart.txt"


def update(page: Path, text: str) -> None:
    """Replace what the last run wrote into a page."""
    page.write_text(replace_between_marks(page.read_text(), text))


def replace_between_marks(page: str, text: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def heading(*, quick: bool) -> str:
    """The date, the Python and the machine of a run."""
    version = subprocess.run([python(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    remarks = []
    if f" {PREFERRED}." not in version:
        remarks.append(f" This machine has no Python {PREFERRED}, which Lambda runs by default.")
    if quick:
        remarks.append(" Quick mode: few rounds, so read it as a sketch.")
    return f"{datetime.now(UTC):%Y-%m-%d}, {version} on {_processor()} ({machine()}).{''.join(remarks)}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "") or (
        platform.processor() or "a processor without a name"
    )


def draw(figures: Sequence[Figure], titles: Mapping[str, str]) -> None:
    """Draw the chart. matplotlib runs in an environment of its own, so that no other command installs it."""
    given = json.dumps({"titles": dict(titles), "figures": [asdict(figure) for figure in figures]})
    program = Path(__file__).with_name("chart.py")
    subprocess.run([_environment() / "bin/python", "-P", program, CHART], input=given, text=True, check=True)


def _environment() -> Path:
    """The environment with matplotlib; it is made again when its lock changes."""
    folder = FOLDER / f"chart-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        uv = str(Path(sys.executable).parent / "uv")
        with moved_when_done(folder) as unfinished:
            environment = [uv, "venv", "--quiet", "--relocatable", "--allow-existing"]
            subprocess.run([*environment, "--python", sys.executable, unfinished], check=True)
            options = ["--require-hashes", "--only-binary", ":all:", "--requirements", str(_LOCK)]
            subprocess.run(
                [uv, "pip", "install", "--quiet", "--python", unfinished / "bin/python", *options], check=True
            )
    return folder
