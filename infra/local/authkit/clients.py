"""The applications AuthKit knows: seeded, registered, or described by a metadata document."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.authkit.state_file import StateError, read_json, write_json
from infra.local.seed import Seed


@dataclass(frozen=True, slots=True)
class Client:
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    secret_sha256: str | None  # None: a public client

    def accepts_secret(self, secret: str) -> bool:
        return self.secret_sha256 is not None and hmac.compare_digest(self.secret_sha256, sha256(secret))


FindDocument = Callable[[str], Awaitable[Client | None]]


class Clients:
    """Seeded and registered clients, and those `find_document` knows by their URL.

    Raises:
        StateError: if the file of registered clients is damaged.
    """

    def __init__(self, path: Path, seed: Seed, find_document: FindDocument | None) -> None:
        self._path = path
        self._find_document = find_document
        self._seeded = {client.client_id: client for client in _seeded(seed)}
        self._registered = {client_id: _from_row(path, row) for client_id, row in read_json(path).items()}

    async def find(self, client_id: str) -> Client | None:
        known = self._seeded.get(client_id) or self._registered.get(client_id)
        if known is None and self._find_document and client_id.startswith("https://"):
            return await self._find_document(client_id)
        return known

    def register(self, client: Client) -> None:
        self._registered[client.client_id] = client
        write_json(self._path, {each.client_id: asdict(each) for each in self._registered.values()})


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _seeded(seed: Seed) -> tuple[Client, Client]:
    machine, introspection = seed.machine, seed.introspection
    return (
        Client(machine.client_id, machine.name, (), ("client_credentials",), sha256(machine.client_secret)),
        Client(introspection.client_id, introspection.name, (), (), sha256(introspection.client_secret)),
    )


def _from_row(path: Path, row: object) -> Client:
    fields = row if isinstance(row, dict) else {}
    try:
        return Client(
            fields["client_id"],
            fields["name"],
            tuple(fields["redirect_uris"]),
            tuple(fields["grant_types"]),
            fields["secret_sha256"],
        )
    except (KeyError, TypeError) as error:
        raise StateError(path, "a client in it is incomplete") from error
