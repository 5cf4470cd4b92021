"""This server and two others beside each other; `--update` writes the result into docs/conformance.md."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from conformance.auth import report
from conformance.auth.requirement import Level, Result
from conformance.auth.run import run
from conformance.auth.server import connected
from conformance.auth.subjects import ours, peers
from conformance.auth.subjects.subject import Subject, introduce, served_issuer
from conformance.auth.table import TABLE
from tests.blocks import ROOT

SUBJECTS = (ours.SUBJECT, peers.FASTMCP, peers.SDK)
PAGE = ROOT / "docs/conformance.md"
BEGIN, END = "<!-- begin: make conformance-compare -->", "<!-- end: make conformance-compare -->"


def column(subject: Subject) -> report.Column:
    """A server that has just been started, and its results."""
    with served_issuer() as issuer, subject.serve(issuer) as target:
        introduce(issuer, target)

        async def collect() -> dict[str, Result]:
            async with connected(target) as server:
                return {row.id: result async for row, result in run(TABLE, server, issuer)}

        name = f"{subject.name} {subject.version()}"
        return report.Column(name, asyncio.run(collect()), subject.setup, subject.remarks)


def between(page: str, text: str) -> str:
    """The page with the text in the place that it keeps for it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main() -> int:
    # At the same time: most of the minutes are spent waiting until a server looks for new keys.
    with ThreadPoolExecutor(len(SUBJECTS)) as threads:
        columns = list(threads.map(column, SUBJECTS))
    for each in columns:
        print(report.summary(each))
    text = f"As of {datetime.now(UTC):%Y-%m-%d}:\n\n{report.markdown(columns)}"
    if "--update" in sys.argv:
        PAGE.write_text(between(PAGE.read_text(), text))
    else:
        print(text)
    unexpected = [
        row.id for row, _ in columns[0].failures() if row.level is not Level.MAY and row.id not in ours.SET_ASIDE
    ]
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
