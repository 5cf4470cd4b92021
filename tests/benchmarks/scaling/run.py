"""Print docs/scaling.md's tables; `--update` writes them into the page."""

import sys

from tests.benchmarks.scaling.markdown import PAGE, replaced
from tests.benchmarks.scaling.measured import load
from tests.benchmarks.scaling.paper_tables import paper_tables
from tests.benchmarks.scaling.simulated_tables import simulated_tables


def main() -> None:
    measured = load()
    tables = {**paper_tables(measured), **simulated_tables(measured)}
    for name, text in tables.items():
        print(f"{name}\n\n{text}\n")
    if "--update" in sys.argv:
        page = PAGE.read_text()
        for name, text in tables.items():
            page = replaced(page, name, text)
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
