"""The applications that AuthKit knows: seeded, registered, or described by a metadata document."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local.authkit.state_file import StateError, read_json, write_json
from infra.local.authkit.state_rows import read_text, read_texts
from infra.local.seed.rows import Seed

MAX_REGISTERED_CLIENTS = 1000


@dataclass(frozen=True, slots=True)
class Client:
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    auth_methods: tuple[str, ...]
    secret_sha256: str | None = None  # None: a public client
    scopes: tuple[str, ...] | None = None
    """The scopes to which its document limits it (RFC 7591 section 2); None if it may ask for all."""
    other_secrets_sha256: tuple[str, ...] = ()
    """The secrets that an application of the dashboard has beside its first one, to rotate them."""

    def accepts_secret(self, secret: str) -> bool:
        accepted = (self.secret_sha256, *self.other_secrets_sha256)
        return any(each is not None and hmac.compare_digest(each, sha256(secret)) for each in accepted)


FindClient = Callable[[str], Client | None]
FindDocument = Callable[[str], Awaitable[Client | None]]


class Clients:
    """Registered clients, those that `find_machine` finds, and those that `find_document` finds by their URL.

    Raises:
        StateError: if the file of registered clients is damaged.
    """

    def __init__(
        self,
        path: Path,
        seed: Seed,
        find_machine: FindClient,
        find_document: FindDocument | None,
        limit: int = MAX_REGISTERED_CLIENTS,
    ) -> None:
        self._path = path
        self._limit = limit
        self._find_machine = find_machine
        self._find_document = find_document
        self._introspection = _seeded_introspection(seed)
        self._registered = {client_id: _from_row(path, row) for client_id, row in read_json(path).items()}

    async def find(self, client_id: str) -> Client | None:
        if client_id == self._introspection.client_id:
            return self._introspection
        known = self._find_machine(client_id) or self._registered_one(client_id)
        if known is None and self._find_document and client_id.startswith("https://"):
            return await self._find_document(client_id)
        return known

    def register(self, client: Client) -> None:
        self._registered[client.client_id] = client
        for forgotten in list(self._registered)[: -self._limit]:
            del self._registered[forgotten]
        write_json(self._path, {each.client_id: _row(each) for each in self._registered.values()})

    def _registered_one(self, client_id: str) -> Client | None:
        """Find a client and move it to the end: if there are too many, those at the front are dropped."""
        if client_id in self._registered:
            self._registered[client_id] = self._registered.pop(client_id)
        return self._registered.get(client_id)


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _seeded_introspection(seed: Seed) -> Client:
    either, seeded = ("client_secret_basic", "client_secret_post"), seed.introspection
    return Client(seeded.client_id, seeded.name, (), (), either, sha256(seeded.client_secret))


def _row(client: Client) -> dict[str, object]:
    # A registered client has no scopes of its own, and one secret at most.
    return {
        name: value for name, value in asdict(client).items() if name not in ("scopes", "other_secrets_sha256")
    }


def _from_row(path: Path, row: object) -> Client:
    fields = row if isinstance(row, dict) else {}
    try:
        return Client(
            read_text(fields["client_id"]),
            read_text(fields["name"]),
            read_texts(fields["redirect_uris"]),
            read_texts(fields["grant_types"]),
            read_texts(fields["auth_methods"]),
            None if fields["secret_sha256"] is None else read_text(fields["secret_sha256"]),
        )
    except (KeyError, TypeError) as error:
        raise StateError(path, "a client in it is incomplete") from error
