"""The applications that users let in, which WorkOS calls authorized Connect applications."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.authkit.clients import Client
from infra.local.authkit.consents import Consent
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.state_rows import StateRows, read_text, read_texts


@dataclass(frozen=True, slots=True)
class Authorization:
    """A user's consent to one application for one resource; each later login of the same adds to it."""

    id: str
    user_id: str
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    resource: str | None
    granted_at: float
    sids: tuple[str, ...]
    """The consents behind the tokens, one for each login."""

    @property
    def application_id(self) -> str:
        """The id that the application has in the API; made from its client id, so that it stays the same."""
        ulid = self.client_id.removeprefix("client_")
        if ulid == self.client_id:  # a metadata document's address
            ulid = hashlib.sha256(self.client_id.encode()).hexdigest()[:26].upper()
        return f"conn_app_{ulid}"


class Authorizations:
    """What all users let in, oldest first.

    Args:
        path: where it is kept over a restart; None keeps it in memory.
        end_consent: gets the sid of each consent that ends with an authorization.

    Raises:
        StateError: if the file is damaged.
    """

    def __init__(self, path: Path | None, end_consent: Callable[[str], None], clock: Clock) -> None:
        self._file = StateRows(path, "authorizations", "an authorization", _from_row)
        self._end_consent = end_consent
        self._clock = clock
        self._rows = self._file.read()

    def add(self, consent: Consent, client: Client) -> Authorization:
        """Note that a user allowed what the consent says."""
        key = (consent.user_id, consent.client_id, consent.resource)
        known = next((each for each in self._rows if (each.user_id, each.client_id, each.resource) == key), None)
        scopes = consent.scope.split()
        if known is None:
            added = Authorization(
                new_id("authorized_connect_app"),
                consent.user_id,
                consent.client_id,
                client.name,
                client.redirect_uris,
                tuple(scopes),
                consent.resource,
                self._clock(),
                (consent.sid,),
            )
        else:
            both = tuple(dict.fromkeys((*known.scopes, *scopes)))
            added = replace(known, scopes=both, sids=(*known.sids, consent.sid))
            self._rows.remove(known)
        self._rows.append(added)
        self._file.write(self._rows)
        return added

    def list_for(self, user_id: str) -> list[Authorization]:
        return [each for each in self._rows if each.user_id == user_id]

    def end(self, user_id: str, application: str) -> bool:
        """End what a user allowed to an application, named by its id or client id; False if that is nothing.

        Its refresh tokens end at once. Access tokens live until they expire, as with WorkOS.
        """
        names = {each.id: (each.application_id, each.client_id) for each in self._rows}
        ended = [each for each in self.list_for(user_id) if application in names[each.id]]
        for authorization in ended:
            self._rows.remove(authorization)
            for sid in authorization.sids:
                self._end_consent(sid)
        if ended:
            self._file.write(self._rows)
        return bool(ended)


def _from_row(row: object) -> Authorization:
    if not isinstance(row, dict):
        raise TypeError
    resource, granted_at = row["resource"], row["granted_at"]
    if not isinstance(resource, str | None) or not isinstance(granted_at, int | float):
        raise TypeError
    return Authorization(
        id=read_text(row["id"]),
        user_id=read_text(row["user_id"]),
        client_id=read_text(row["client_id"]),
        name=read_text(row["name"]),
        redirect_uris=read_texts(row["redirect_uris"]),
        scopes=read_texts(row["scopes"]),
        resource=resource,
        granted_at=float(granted_at),
        sids=read_texts(row["sids"]),
    )
