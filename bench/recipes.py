"""What the measured servers are made of, and how each is set up."""

import re
import tomllib
from dataclasses import dataclass

from bench.subject import ERAS, LEGACY
from tests.blocks import ROOT

LOCK = ROOT / "requirements/bench.txt"
_HELD_OPEN = (
    "Its lifespan is entered once, by a task that stays: Mangum's own way enters it at each call, which {}."
    " Stateless, with JSON answers, async tools."
)


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    """With a place for the version of the distribution that comes first."""
    note: str
    """How it is set up, for the reader of the figures."""
    module: str
    distributions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Of the folder subjects/, beside the module."""
    eras: tuple[str, ...] = tuple(ERAS)

    @property
    def title(self) -> str:
        return self.name.format(locked(self.distributions[0]) if self.distributions else _own_version())


RECIPES = {
    "ours": Recipe(
        "this server {}",
        "The artefact of a deployment with a tool `echo` added. It lists three"
        " tools where the others list one, and writes its line of log and metrics for each call, as deployed.",
        "app.handler",
    ),
    "floor": Recipe(
        "floor: FastAPI {}, no MCP",
        "An async route and an async dependency under Mangum, PyJWT with its keys kept for an hour, one fixed form"
        " of answer. It knows no protocol, no tool list and no log: what the required stack costs by itself.",
        "floor",
        ("fastapi", "mangum", "pyjwt[crypto]"),
        ("verifier.py",),
    ),
    "sdk": Recipe(
        "MCP SDK {}",
        "`MCPServer` with a token verifier of PyJWT, keys kept for an hour, called where it is needed and in no"
        f" thread. {_HELD_OPEN.format('the SDK survives once')}",
        "sdk",
        ("mcp", "mangum", "pyjwt[crypto]"),
        ("many.py", "verifier.py", "on_lambda.py"),
    ),
    "fastmcp": Recipe(
        "FastMCP {}",
        "`AuthKitProvider` with the domain and the base URL alone, so it verifies and keeps keys by its own rules."
        f" {_HELD_OPEN.format('takes FastMCP 0.4 ms more')} In the newer era the SDK beneath it lists all tools at"
        " each call, to know whose headers repeat arguments.",
        "fastmcp_authkit",
        ("fastmcp", "mangum"),
        ("many.py", "on_lambda.py"),
    ),
    "awslabs": Recipe(
        "awslabs handler {}",
        "`MCPLambdaHandler` without sessions, the PyJWT check of the floor in front of it, as it has no login of"
        " its own. It takes events itself, calls sync tools alone, does not validate arguments and speaks"
        " 2024-11-05 to all, so it is measured in the older era alone.",
        "awslabs_handler",
        ("awslabs-mcp-lambda-handler", "pyjwt[crypto]"),
        ("many.py", "verifier.py"),
        eras=(LEGACY,),
    ),
}


def locked(distribution: str) -> str:
    """Its version in the lock."""
    name = distribution.partition("[")[0]
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert found, f"{name} is not in {LOCK.name}: run make lock"
    return found[1]


def _own_version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])
