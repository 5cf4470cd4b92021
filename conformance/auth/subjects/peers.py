"""Other projects' servers, each in a process of the peers' environment, set up as their documents say."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from conformance.auth.issuer import Issuer
from conformance.auth.subjects.subject import ORIGIN, SCOPE, TOOL_SCOPE, Subject, subject_target
from conformance.auth.target import Target
from tests.blocks import ROOT

PYTHON = ROOT / ".venv-peers/bin/python"
START_SECONDS = 60.0


def peer(name: str, distribution: str, program: str, setup: str, remarks: Mapping[str, str]) -> Subject:
    path = Path(__file__).with_name(program)

    def serve(issuer: Issuer) -> AbstractContextManager[Target]:
        return _running(path, issuer)

    return Subject(name, setup, lambda: _version(distribution), serve, remarks)


@contextmanager
def _running(program: Path, issuer: Issuer) -> Iterator[Target]:
    port = free_port()
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, with the process that writes to it
    process = subprocess.Popen([PYTHON, "-P", program], env=_environment(issuer, port), stdout=said, stderr=said)
    try:
        _wait(process, port, said)
        yield subject_target(f"http://127.0.0.1:{port}/mcp")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # a request may still hang at the issuer
            process.kill()
            process.wait()
        said.close()


def _environment(issuer: Issuer, port: int) -> dict[str, str]:
    """Nothing else of this shell: no proxy, no PYTHONPATH."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "SUBJECT_ISSUER": issuer.url,
        "SUBJECT_PORT": str(port),
        "SUBJECT_ORIGIN": ORIGIN,
        "SUBJECT_SCOPE": SCOPE,
        "SUBJECT_TOOL_SCOPE": TOOL_SCOPE,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, said: IO[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    said.seek(0)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}: {said.read().decode()}")


def _version(distribution: str) -> str:
    code = f"from importlib.metadata import version; print(version('{distribution}'))"
    return subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


_FIRST_FIELD = "The first field is taken, the second ignored."
_PATH_FORM = "The path form alone is served, which RFC 9728 allows."
_IN_TOOL = "The refusal is a tool's result, where no client looks for a scope."
_LIKE_BAD_TOKEN = "Keys that cannot be fetched are told like a bad token."
_SCOPE_LIKE_BAD_TOKEN = "A missing scope is told like a bad token."

FASTMCP = peer(
    "FastMCP",
    "fastmcp",
    "fastmcp_server.py",
    "AuthKitProvider with required scopes, Host and Origin guard, CORS for one page, stateless",
    {
        "cold-no-401": _LIKE_BAD_TOKEN,
        "cold-503": _LIKE_BAD_TOKEN,
        "warm-new-key": _LIKE_BAD_TOKEN,
        "metadata-root": _PATH_FORM,
        "metadata-cors": "The Origin guard, without which a foreign origin is served, covers the metadata too.",
        "no-token-get": "The method is looked at first.",
        "sent-twice": _FIRST_FIELD,
        "forged-nested": "Python's RecursionError passes through.",
        "scope-403": _SCOPE_LIKE_BAD_TOKEN,
        "scope-error": _SCOPE_LIKE_BAD_TOKEN,
        "step-up-403": _IN_TOOL,
        "step-up-named": _IN_TOOL,
    },
)
SDK = peer(
    "MCP SDK",
    "mcp",
    "sdk_server.py",
    "AuthSettings that compare the audience, PyJWT, Host and Origin guard, CORS for one page, stateless",
    {
        "cold-503": "A verifier can raise, which is a 500, but has no way to say 'not now'.",
        "challenge-no-error": "No token and a bad one get the same answer.",
        "challenge-scope": "The SDK's challenges have no scope.",
        "scope-named": "The SDK's challenges have no scope.",
        "metadata-root": _PATH_FORM,
        "metadata-cors": "CORS for one page, as the documents add it, covers the metadata too.",
        "sent-twice": _FIRST_FIELD,
        "header-type": "The verifier is its user's; PyJWT has no check for it.",
        "step-up-403": _IN_TOOL,
        "step-up-named": _IN_TOOL,
        "origin-foreign-no-token": "The token is looked at first; nothing is served.",
    },
)
