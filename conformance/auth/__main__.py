"""Hold any MCP server to the table.

The server must trust the issuer that this command starts, and must not have asked it for anything yet.
"""

import argparse
import asyncio
import json
import sys
import time

from conformance.auth import report
from conformance.auth.issuer import KEYS, Issuer
from conformance.auth.requirement import Result
from conformance.auth.run import run
from conformance.auth.server import NoAnswer, Server, connected
from conformance.auth.subjects.subject import introduce, served_issuer
from conformance.auth.table import TABLE
from conformance.auth.target import Target
from infra.local.loopback import PortTaken

LISTENS_WITHIN = 120
"""Seconds."""


class NobodyThere(Exception):
    """Nothing answers at the URL."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m conformance.auth", description=__doc__)
    parser.add_argument("--url", required=True, type=_endpoint, help="the MCP endpoint, on this machine")
    parser.add_argument("--issuer-port", type=int, required=True, help="loopback port for the suite's issuer")
    parser.add_argument("--resource", default="", help="resource identifier, if it is not the URL")
    parser.add_argument("--scopes", default="", help="scopes that every request needs, separated by spaces")
    parser.add_argument("--origin", default="", help="a browser origin that the server allows")
    parser.add_argument("--whoami", default="", help="tool without arguments that answers with the token's sub")
    parser.add_argument(
        "--scoped-tool", default="", type=_tool, metavar="NAME=SCOPE", help="tool that needs a scope more"
    )
    parser.add_argument("--only", nargs="+", default=[""], metavar="ID", help="rows whose id begins so")
    parser.add_argument("--report", choices=["text", "md", "json"], default="text")
    return parser.parse_args()


def _endpoint(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("give the whole URL, such as http://127.0.0.1:8000/mcp")
    return url


def _tool(pair: str) -> str:
    if pair and not all(pair.partition("=")):
        raise argparse.ArgumentTypeError("give the tool's name and its scope, such as write=mcp:write")
    return pair


def target(given: argparse.Namespace) -> Target:
    tool, _, scope = given.scoped_tool.partition("=")
    return Target(
        given.url,
        resource=given.resource,
        scopes=tuple(given.scopes.split()),
        origin=given.origin,
        whoami=given.whoami,
        scoped_tool=tool,
        scoped_tool_scope=scope,
    )


async def results(at: Target, issuer: Issuer, only: tuple[str, ...]) -> dict[str, Result]:
    found: dict[str, Result] = {}
    rows = [row for row in TABLE if row.id.startswith(only)]
    async with connected(at) as server:
        await _listens(server)
        async for row, result in run(rows, server, issuer):
            found[row.id] = result
            print(report.line(row, result), file=sys.stderr)
    return found


async def _listens(server: Server) -> None:
    end = time.monotonic() + LISTENS_WITHIN
    while time.monotonic() < end:
        try:
            await server.exchange(seconds=5)
        except NoAnswer:
            await asyncio.sleep(1)
        else:
            return
    raise NobodyThere


def main() -> int:
    given = options()
    at = target(given)
    try:
        with served_issuer(given.issuer_port) as issuer:
            introduce(issuer, at)
            print(f"Issuer {issuer.url}, keys at {issuer.url}{KEYS}: start the server now.", file=sys.stderr)
            column = report.Column(given.url, asyncio.run(results(at, issuer, tuple(given.only))))
    except PortTaken as taken:
        print(f"{taken}: choose another --issuer-port", file=sys.stderr)
        return 2
    except NobodyThere:
        print(f"nothing answers at {given.url} within {LISTENS_WITHIN} s", file=sys.stderr)
        return 2
    if given.report == "json":
        print(json.dumps(report.as_json(column), indent=2))
    else:
        print(report.markdown([column]) if given.report == "md" else report.summary(column))
    return 0 if column.conforms else 1


if __name__ == "__main__":
    sys.exit(main())
