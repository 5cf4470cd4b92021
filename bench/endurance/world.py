"""The simulated world: AuthKit and WorkOS, time, and three environments of the function in one process."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app.http.discovery import AUTHORIZATION_SERVER_PATH, fallback_metadata
from bench.endurance.doors import PAGE
from bench.endurance.grants import KnownGrants
from bench.endurance.keys import KnownKeys
from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.catalogues.enduring import prompts, resources, tools
from tests.issuer import _KEYS, ISSUER, Issuer
from tests.rig import SETTINGS, Rig

SCOPE = "openid"
"""What the strict environment wants of everybody."""


@dataclass
class Vendor:
    """WorkOS's API, on a real port; `trouble` is a status that it answers everything with."""

    app: Any
    trouble: int | None = None
    events: int = 0
    """Audit events that it took."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_event = scope["type"] == "http" and scope["path"] == "/audit_logs/events"
        if scope["type"] != "http" or (self.trouble is None and not is_event):
            await self.app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        self.events += self.trouble is None
        # With a wait, nobody tries a second time in the same call.
        wait = [(b"retry-after", b"5")] if self.trouble == 429 else []
        headers = [(b"content-type", b"application/json"), *wait]
        await send({"type": "http.response.start", "status": self.trouble or 201, "headers": headers})
        body = {"success": True} if self.trouble is None else {"message": "trouble"}
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@dataclass
class CountingIssuer(Issuer):
    """Counts what it was asked for, and remembers no more than that."""

    key_fetches: int = 0

    async def fetch(self, url: str, *, seconds: float) -> bytes:
        try:
            return await super().fetch(url, seconds=seconds)
        finally:
            self.key_fetches += self.jwks_fetches
            self.fetched.clear()
            self.waited.clear()


@dataclass
class Environment:
    """One warm environment, and what it ought to remember by now."""

    name: str
    rig: Rig
    grants: KnownGrants
    keys: KnownKeys = field(default_factory=KnownKeys)
    weight: float = 1

    @property
    def is_strict(self) -> bool:
        return self.rig.settings.require_organization


@dataclass
class World:
    rng: Random
    issuer: CountingIssuer
    vendor: Vendor
    environments: tuple[Environment, ...]
    pace: float = 0.3
    """Seconds between two exchanges, on average."""
    rotations: int = 1

    @property
    def now(self) -> float:
        return self.issuer.clock.now

    @property
    def listed(self) -> set[str] | None:
        """The keys that AuthKit lists; None while it cannot be asked."""
        return None if self.issuer.down else set(self.issuer.keys)

    @property
    def tolerated(self) -> frozenset[str]:
        """What may be in the log at any time, for as long as something is down."""
        down = {"signing keys could not be fetched", "authorization server metadata could not be fetched"}
        troubled = {"grants could not be looked up", "audit event lost"}
        return frozenset((down if self.issuer.down else set()) | (troubled if self.vendor.trouble else set()))

    def pass_time(self) -> None:
        self.issuer.clock.now += self.rng.expovariate(1 / self.pace)

    def new_key(self) -> tuple[str, RSAPrivateKey]:
        self.rotations += 1
        return f"key_{self.rotations}", _KEYS[self.rotations % 2]


@contextmanager
def world(seed: int) -> Iterator[World]:
    """One issuer and one clock for all environments; only the audited one tells WorkOS of its calls."""
    local = load_seed()
    vendor, issuer = Vendor(create_workos_api(local)), CountingIssuer()
    issuer.documents[ISSUER + AUTHORIZATION_SERVER_PATH] = fallback_metadata(ISSUER)
    common = replace(SETTINGS, api_key=local.environment.api_key, request_state_keys=(b"k" * 32,))
    open_one = replace(common, allow_machine_tokens=True, token_audience="both")
    strict = replace(
        common, require_organization=True, required_scopes=(SCOPE,), allowed_origins=frozenset({PAGE})
    )
    audited = replace(open_one, audit_log_action="mcp.tool_called")
    with pytest.MonkeyPatch.context() as patch, LoopbackServer(vendor) as server:
        patch.setenv("WORKOS_BASE_URL", server.url)
        environments = tuple(
            Environment(
                name,
                Rig(settings, issuer, tools, prompts, resources),
                KnownGrants(lambda: vendor.trouble is None),
                weight=weight,
            )
            for name, settings, weight in (("open", open_one, 60), ("strict", strict, 39), ("audited", audited, 1))
        )
        yield World(Random(seed), issuer, vendor, environments)  # noqa: S311 - it must be repeatable
        for environment in environments:
            environment.rig.close()
