"""`make conformance`: both revisions of the suite against the fixture catalogue; `--update` rewrites the page."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from json import loads
from pathlib import Path
from subprocess import check_output

from app import __version__
from conformance.protocol import suite
from conformance.protocol.front import create_front
from conformance.protocol.report import Results, lines, markdown, replaced
from conformance.protocol.stack import end_on_signals, serving
from infra.local.loopback import LoopbackServer, PortTaken
from infra.local.ports import InvalidPort, Ports, read_port
from infra.local.token import fetch_token
from tests.blocks import ROOT
from tests.e2e.stack import Late

REVISIONS = ("2025-11-25", "2026-07-28")
FLOORS = {"2025-11-25": 26, "2026-07-28": 37}
"""How many scored scenarios have to pass: the suite itself ends well if it never got to run one."""
PAGE = ROOT / "docs/conformance.md"


class NotServing(Exception):
    """The function does not start; the message is what it and the gateway said."""


def main(environ: Mapping[str, str], update: bool, folder: Path = ROOT / ".local/conformance") -> int:
    end_on_signals()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        statuses, results = measure(ports_of(environ), folder)
    except KeyboardInterrupt:
        return 130
    except (InvalidPort, NotServing, PortTaken) as error:
        print(error, file=sys.stderr)
        return 1
    expected = suite.expected_failures()
    for revision, outcomes in results.items():
        print("\n".join(lines(revision, outcomes, expected)))
        if statuses[revision]:
            print(f"  the suite ends with {statuses[revision]}: {folder / revision / 'output.txt'}")
    if update:
        PAGE.write_text(replaced(PAGE.read_text(), markdown(results, expected, versions())))
    missed = shortfalls(results)
    print("\n".join(missed), end="\n" if missed else "")
    return 1 if missed or any(statuses.values()) else 0


def shortfalls(results: Results) -> list[str]:
    """What the suite's own exit status does not tell."""
    told = []
    for revision, floor in FLOORS.items():
        scored = [each for each in results.get(revision, ()) if not each.unscored]
        told += [f"{revision}: {each.scenario} did not run" for each in scored if each.is_missing]
        if (passed := sum(each.is_pass for each in scored)) < floor:
            told.append(f"{revision}: {passed} scored scenarios pass, and {floor} have to")
    return told


def ports_of(environ: Mapping[str, str]) -> Ports:
    """Any free one where none is asked for, so that a running stack is not in the way."""
    names = ("PORT", "AUTHKIT_PORT")
    return Ports(*(read_port(name, environ) if environ.get(name) else 0 for name in names))


def measure(ports: Ports, folder: Path) -> tuple[Mapping[str, int], Results]:
    """The suite's exit status and the outcomes, by revision.

    Raises:
        NotServing: if the function does not start.
        PortTaken: if one of the ports is in use.
    """
    late, statuses, results = Late(), {}, {}
    front = LoopbackServer(late)
    page = f"http://localhost:{front.port}"
    with (folder / "server.log").open("w", encoding="utf-8") as log:
        say = partial(print, file=log, flush=True)
        with serving(ports, folder / "state", page, say, {}) as stack:
            if not stack.serves:
                raise NotServing(Path(log.name).read_text(encoding="utf-8"))
            authkit = {"AUTHKIT_PORT": str(stack.authkit_port)}
            late.app = create_front(stack.base_url, partial(fetch_token, authkit))
            with front:
                for revision in REVISIONS:
                    statuses[revision] = suite.run(revision, f"{page}/mcp", folder / revision)
                    results[revision] = suite.outcomes(folder / revision, suite.requirements(revision))
    return statuses, results


def versions() -> dict[str, str]:
    package = loads((suite.PACKAGE / "package.json").read_text())
    node = check_output([suite.NODE, "--version"], text=True).strip().removeprefix("v")
    return {
        f"{datetime.now(UTC):%Y-%m-%d}: workos-mcp-lambda": __version__,
        "MCP SDK": version("mcp"),
        package["name"]: package["version"],
        "Node": node,
    }


if __name__ == "__main__":
    sys.exit(main(os.environ, "--update" in sys.argv[1:]))
