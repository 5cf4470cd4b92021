"""This project's server: the handler in a process of its own, behind the API Gateway stand-in."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from conformance.auth.issuer import Issuer
from conformance.auth.subjects.subject import ORIGIN, SCOPE, Subject, subject_target
from conformance.auth.target import Target
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT
from tests.e2e.stack import Late
from tests.team import TEAM_ENVIRONMENT


@contextmanager
def serve(issuer: Issuer, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Target]:
    """With the defaults of every setting that is not given."""
    late = Late()
    server = LoopbackServer(late)
    late.app = create_gateway(
        {
            "WORKOS_AUTHKIT_DOMAIN": issuer.url,
            "WORKOS_CLIENT_ID": "client_01ENVIRONMENT",
            "BASE_URL": server.url,
            "REQUIRED_SCOPES": SCOPE,
            "ALLOWED_ORIGINS": ORIGIN,
            **TEAM_ENVIRONMENT,
            **settings,
        },
        handler="conformance.auth.subjects.handler",
        # A gateway that renames WWW-Authenticate takes the challenge from any server behind it.
        rename_challenge=False,
        say=lambda line: None,
    )
    with server:
        yield subject_target(f"{server.url}/mcp")


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


SET_ASIDE = {
    "metadata-no-offline": "Set aside knowingly: without it some clients get no refresh token "
    "(docs/decisions/0029-offline-access.md). ADVERTISE_OFFLINE_ACCESS=false meets the row.",
}
"""The rows that the default settings do not meet, and why."""

SUBJECT = Subject("workos-mcp-lambda", "app.handler behind the API Gateway stand-in", version, serve, SET_ASIDE)
