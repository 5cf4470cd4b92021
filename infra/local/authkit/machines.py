"""Machine applications: those of the seed, and those that the WorkOS API creates. They end with a restart."""

import secrets
from dataclasses import dataclass, field

from infra.local.authkit.clients import Client, sha256
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.seed.rows import MachineApplication, Seed

_GRANT_TYPES, _AUTH_METHODS = ("client_credentials",), ("client_secret_basic", "client_secret_post")
_HINT_LENGTH = 4


@dataclass(frozen=True, slots=True)
class ClientSecret:
    id: str
    sha256: str
    hint: str
    created_at: float

    @classmethod
    def for_value(cls, value: str, now: float) -> "ClientSecret":
        return cls(new_id("secret"), sha256(value), value[-_HINT_LENGTH:], now)


@dataclass(frozen=True, slots=True)
class Machine:
    id: str
    client_id: str
    name: str
    description: str | None
    organization_id: str
    scopes: tuple[str, ...]
    created_at: float
    secrets: list[ClientSecret] = field(default_factory=list)

    @property
    def row(self) -> MachineApplication:
        """As the seed would have it. Nothing that makes tokens reads the secret."""
        return MachineApplication(self.client_id, "", self.name, self.organization_id, self.scopes)


class Machines:
    def __init__(self, seed: Seed, clock: Clock) -> None:
        self._clock = clock
        self.machines = [_seeded(each, place, clock()) for place, each in enumerate(seed.machines)]

    def add(self, name: str, organization_id: str, description: str | None, scopes: tuple[str, ...]) -> Machine:
        """Create an application. It has no secret yet."""
        ids = new_id("conn_app"), new_id("client")
        self.machines.append(Machine(*ids, name, description, organization_id, scopes, self._clock()))
        return self.machines[-1]

    def add_secret(self, machine: Machine) -> tuple[ClientSecret, str]:
        """Give the application one more secret, and return it with its value, which is not kept."""
        value = secrets.token_hex(32)
        machine.secrets.append(ClientSecret.for_value(value, self._clock()))
        return machine.secrets[-1], value

    def find(self, client_id: str) -> Machine | None:
        return next((each for each in self.machines if each.client_id == client_id), None)

    def find_client(self, client_id: str) -> Client | None:
        """The application as a client of AuthKit; None if there is none or it has no secret to show."""
        machine = self.find(client_id)
        if machine is None or not machine.secrets:
            return None
        first, *others = [each.sha256 for each in machine.secrets]
        return Client(
            client_id, machine.name, (), _GRANT_TYPES, _AUTH_METHODS, first, other_secrets_sha256=tuple(others)
        )


def _seeded(machine: MachineApplication, place: int, now: float) -> Machine:
    secret = ClientSecret.for_value(machine.client_secret, now)
    return Machine(
        f"conn_app_01LOCAL{place:019}",
        machine.client_id,
        machine.name,
        None,
        machine.organization,
        machine.scopes,
        now,
        [secret],
    )
