"""The command: `make endurance`.

It runs for about three minutes. SEED repeats a run, EXCHANGES makes it shorter or longer.
"""

import argparse
import random
import sys
import time

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from bench.endurance.session import endure

EXCHANGES = 100_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make endurance", description=__doc__)
    parser.add_argument("--exchanges", type=int, default=EXCHANGES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"{options.exchanges:,} exchanges, SEED={options.seed}", flush=True)
    began = time.perf_counter()
    report = endure(options.exchanges, options.seed, tell=lambda text: print(f"  {text}", flush=True))
    print(f"\n{report.markdown()}\n\nIt took {time.perf_counter() - began:.0f} s, SEED={options.seed}.")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
