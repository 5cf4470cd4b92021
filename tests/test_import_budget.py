"""What the function may import before its first call: a cold start pays for each module of it.

Whoever adds an import meets the names here. One that only some calls need is better imported where it is used.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest

from app import tools
from infra.deploy.background import find_background
from tests.team import ENVIRONMENT, TEAM

MOST = 640
"""Modules of the packages below; there are about 15 fewer."""

PACKAGES: dict[str, str] = TEAM.get("packages", {})
TEAM_FOLDERS = ("app.tools.", "app.prompts.", "app.resources.", "app.shared.")
ALLOWED = {
    "app": "this server",
    "annotated_doc": "fastapi",
    "annotated_types": "pydantic",
    "anyio": "starlette and mcp",
    "aws_lambda_powertools": "the log",
    "botocore": "aws_lambda_powertools, which leaves its name there; Lambda brings it",
    "cryptography": "RS256, and the seal of a request's state",
    "_cffi_backend": "cryptography",
    "fastapi": "the routes and the dependency",
    "httpx2": "mcp, whose package imports its client; signing keys are fetched with it",
    "idna": "httpx2",
    "jmespath": "aws_lambda_powertools",
    "jwt": "access tokens and signing keys",
    "mangum": "the events of Lambda",
    "mcp": "the protocol",
    "mcp_types": "the protocol",
    "opentelemetry": "fastapi and mcp; the interface alone, it has no exporter",
    "pydantic": "fastapi, mcp and the tools' parameters",
    "pydantic_core": "pydantic",
    "python_multipart": "starlette",
    "sniffio": "anyio",
    "sse_starlette": "mcp",
    "starlette": "fastapi and mcp",
    "typing_extensions": "pydantic",
    "typing_inspection": "pydantic",
    # Not in the artefact, where sse_starlette goes on without them (infra/deploy/slim.py).
    "uvicorn": "sse_starlette",
    "click": "uvicorn",
    "h11": "uvicorn",
    "httptools": "uvicorn",
    "uvloop": "uvicorn",
    "watchfiles": "uvicorn",
    "websockets": "uvicorn",
    "wsproto": "uvicorn",
    "yaml": "uvicorn",
    "dotenv": "uvicorn",
}
BACKGROUND = "for servers with a background tool"
HEAVY = {
    "app.audit.work": "for the worker alone",
    "app.authoring.testing": "for tests, and in no artefact",
    "app.http.clients": "for the page that a person's browser gets",
    "app.http.landing": "for the page that a person's browser gets",
    "app.http.server_card": "for deployments that publish their card",
    "app.protocol.tasks": BACKGROUND,
    "app.runtime.durable": BACKGROUND,
    "aws_durable_execution_sdk_python": "for the worker alone",
    "boto3": "for secrets and the quota alone",
    "botocore.session": "for secrets and the quota alone",
    "email_validator": "for a type of pydantic's that a tool may use",
    "jsonschema": "for tools that bring a schema of their own",
    "multipart": "the old name of python_multipart",
    "pydantic.v1": "fastapi looks for it when a route declares a response model",
    "pydantic_settings": "settings are read by hand",
    "starlette.testclient": "for tests",
    "workos": "for tools that ask for the client",
}
SCRIPT = """
import json, sys

importers = {}

class Watch:
    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while frame and (frame.f_globals.get("__name__") or "").startswith("importlib"):
            frame = frame.f_back
        importers.setdefault(name, frame.f_globals.get("__name__") if frame else None)

sys.meta_path.insert(0, Watch())
import app.handler
print(json.dumps({name: importers.get(name) for name in sys.modules}))
"""


@cache
def loaded() -> Mapping[str, str | None]:
    """Every module that importing the function loads, and who imported it first."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**ENVIRONMENT, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str | None] = json.loads(ran.stdout)
    return found


@pytest.mark.broad
def test_every_package_that_is_loaded_has_its_reason() -> None:
    own = {*sys.stdlib_module_names, "__main__", "sitecustomize", "usercustomize"}
    new = {
        f"{name}, imported by {importer}"
        for name, importer in loaded().items()
        if "." not in name and name not in {*ALLOWED, *PACKAGES, *own} and not name.startswith("_")
    }

    assert new == set(), (
        "import it inside the function that uses it, or give the reason: for a package of your tools in packages "
        "of [tool.team] in pyproject.toml, for one of the server in tests/test_import_budget.py"
    )


@pytest.mark.parametrize("name", HEAVY)
def test_what_is_heavy_is_not_loaded(name: str) -> None:
    if name.partition(".")[0] in PACKAGES:
        pytest.skip("a team's tools import it, for the reason in [tool.team] of pyproject.toml")
    if HEAVY[name] == BACKGROUND and find_background([tools]):
        pytest.skip("the team has a background tool")
    assert name not in loaded(), f"{loaded()[name]} imports it; it is {HEAVY[name]}"


def test_there_are_no_more_modules_than_the_budget_has() -> None:
    tops = {name for name, why in ALLOWED.items() if why not in {"sse_starlette", "uvicorn"}}
    own_rooms = [name for name in loaded() if not name.startswith(TEAM_FOLDERS)]
    counted = [name for name in own_rooms if name.partition(".")[0] in tops]
    most = MOST + TEAM.get("modules", 0)

    own = sum(name.startswith("app.") for name in counted)
    assert len(counted) <= most, (
        f"{len(counted)} modules at start, {own} of them of app/, and {most} are allowed. If your tools need "
        "them, raise modules of [tool.team] in pyproject.toml"
    )
