"""Measure this server beside what its users would take instead: `make bench` (QUICK=1, UPDATE=1).

One kind alone, or some subjects: `python -m bench.bench --kinds warm --only floor,sdk,ours --quick`.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict

from bench import packages, page, report
from bench.kinds import KINDS, Run
from bench.node_build import NotRun
from bench.running import NoFigure
from bench.subject import Figure
from tests.blocks import ROOT
from tests.loopback_issuer import loopback_issuer

RESULTS = ROOT / ".local/bench.json"


def main() -> int:
    options = _options()
    with loopback_issuer() as issuer:
        run = Run([packages.build(key) for key in packages.KEYS if key in options.only], issuer, options.quick)
        figures, missing, failed = measure(run, options.kinds, _kept() if options.keep else [])
    heading = page.heading(quick=options.quick)
    remarks = [
        *(f"Not measured here: {reason}." for reason in missing),
        *(f"**Failed**: {reason}" for reason in failed),
    ]
    summary = [
        heading,
        *remarks,
        report.headlines(figures, run.titles),
        "### Targets",
        report.targets(figures, run.titles),
    ]
    tables = [heading, *remarks, report.setups(run.notes), report.markdown(figures, run.titles)]
    print("\n\n".join([*summary, *tables[1:]]))
    if options.update and not failed:
        page.draw(figures, run.titles)
        page.update(page.PAGE, "\n\n".join(summary))
        page.update(page.TABLES, "\n\n".join(tables))
    return 1 if failed else 0


def measure(run: Run, kinds: list[str], kept: list[Figure]) -> tuple[list[Figure], list[str], list[str]]:
    """Return the figures, the kinds that this machine cannot measure, and the failures."""
    figures = kept
    missing: list[str] = []
    failed: list[str] = []
    for kind in kinds:
        began = time.monotonic()
        try:
            figures += KINDS[kind](run)
        except NotRun as reason:
            missing.append(f"{kind}, as {reason}")
        except (NoFigure, RuntimeError) as reason:  # a wrong answer, or a server that does not come up
            failed.append(f"{kind}: {reason}")
        _keep(figures, run)
        print(f"{kind}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return figures, missing, failed


def _keep(figures: list[Figure], run: Run) -> None:
    """Save after each kind, so that a long run that is interrupted leaves its figures."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"titles": run.titles, "figures": [asdict(figure) for figure in figures]}))


def _kept() -> list[Figure]:
    return [Figure(**figure) for figure in json.loads(RESULTS.read_text())["figures"]]


def _options() -> argparse.Namespace:
    def several(text: str) -> list[str]:
        return text.split(",")

    parser = argparse.ArgumentParser(prog="python -m bench.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--keep", action="store_true", help="beside what the last run measured of other kinds")
    parser.add_argument(
        "--update", action="store_true", help="write docs/performance.md, its tables and its chart"
    )
    parser.add_argument("--only", type=several, default=list(packages.KEYS), help=", ".join(packages.KEYS))
    parser.add_argument("--kinds", type=several, default=list(KINDS), help=", ".join(KINDS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
