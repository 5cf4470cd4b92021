"""Print docs/scaling.md's tables; `--update` writes them into the page."""

import sys

from bench.scaling.markdown import PAGE, replaced
from bench.scaling.measured import load
from bench.scaling.paper_tables import paper_tables
from bench.scaling.simulated_tables import simulated_tables


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
