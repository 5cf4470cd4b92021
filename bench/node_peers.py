"""Compare with the Node servers over loopback HTTP: cold starts, warm calls, and which tokens each accepts.

Run it alone with: .venv/bin/python -m bench.node_peers [--quick]
XMCP_WORKOS names the folder with the source of @xmcp-dev/workos, which the package registry need not have.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import packages, report
from bench.https_issuer import HttpsIssuer, https_issuer
from bench.node_acceptance import acceptance
from bench.node_build import NotRun, check_installed
from bench.node_rounds import QUICK, WHOLE, cold, warm
from bench.node_servers import Server, servers
from bench.subject import Figure, Subject

"""Of ours; the second is the same to a caller, so nobody asks it which tokens it accepts."""


@dataclass(frozen=True, slots=True)
class Comparison:
    servers: tuple[Server, ...]
    """Each with its title and a note on how it was set up."""
    figures: tuple[Figure, ...]


def figures(ours: Subject, *, quick: bool) -> list[Figure]:
    """Rows of three tables.

    Raises:
        NotRun: as `compare`.
    """
    return list(compare(ours, quick=quick).figures)


def compare(ours: Subject, *, quick: bool) -> Comparison:
    """Build, start, measure and end the servers.

    Raises:
        NotRun: if Node, its locked packages or Linux's /proc are missing, or a server cannot be built.
    """
    effort = QUICK if quick else WHOLE
    with _prepared(ours) as (issuer, compared):
        rows = [*cold(issuer, compared, effort), *warm(issuer, compared, effort), *acceptance(issuer, compared)]
    return Comparison(tuple(compared), tuple(rows))


@contextmanager
def _prepared(ours: Subject) -> Iterator[tuple[HttpsIssuer, list[Server]]]:
    check_installed()
    with tempfile.TemporaryDirectory() as folder, https_issuer(Path(folder)) as issuer:
        yield issuer, servers(ours, issuer, Path(folder))


def main() -> int:
    began = time.perf_counter()
    try:
        found = compare(packages.build("ours"), quick="--quick" in sys.argv)
    except NotRun as reason:
        print(f"not run: {reason}")
        return 1
    titles = {server.key: server.title for server in found.servers}
    print(report.setups({server.title: server.note for server in found.servers}))
    print(report.markdown(found.figures, titles))
    print(f"\n{time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
