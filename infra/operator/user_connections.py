"""What connects a user to an environment's servers: the clients that the user let in, and sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import quote

from infra.operator.times import shown_time
from infra.operator.workos_api import ApiRefused, WorkOSApi

_USERS = "/user_management/users"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH, _ULID_TIME_LENGTH = 26, 10


class UnknownUser(Exception):
    """WorkOS has no such user; the message says what to give."""


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Client:
    """An MCP client that a user let in: in WorkOS's words an authorized Connect application."""

    id: str
    """The application's id."""
    client_id: str
    name: str
    scopes: tuple[str, ...]
    resource: str
    """The resource indicator that the client asked for; empty if none."""
    granted: str
    """In UTC, from the id of the consent: WorkOS has no field for it. Empty if the id shows no time."""

    @classmethod
    def read(cls, row: Mapping[str, object]) -> Self:
        application = row.get("application")
        known = application if isinstance(application, dict) else {}
        scopes = row.get("granted_scopes")
        return cls(
            id=str(known.get("id") or ""),
            client_id=str(known.get("client_id") or ""),
            name=str(known.get("name") or ""),
            scopes=tuple(map(str, scopes)) if isinstance(scopes, list) else (),
            resource=str(row.get("oauth_resource") or ""),
            granted=_read_time(str(row.get("id") or "")),
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in to AuthKit, which lets the user's browser allow further clients without a password."""

    id: str
    started: str
    """In UTC."""
    method: str
    ip_address: str
    user_agent: str

    @classmethod
    def read(cls, row: Mapping[str, object]) -> Self:
        texts = [str(row.get(name) or "") for name in ("id", "auth_method", "ip_address", "user_agent")]
        return cls(texts[0], _shown(str(row.get("created_at") or "")), *texts[1:])


async def find_user(api: WorkOSApi, id_: str, email: str) -> User:
    """Find a user by id, or else by mail address.

    Raises:
        UnknownUser: if WorkOS has no such user, or answers with another one.
        ApiRefused: if WorkOS refuses or does not answer.
    """
    if id_:
        try:
            rows = [await api.send("GET", f"{_USERS}/{quote(id_, safe='')}")]
        except ApiRefused as refused:
            if refused.status != 404:
                raise
            rows = []
    else:
        rows = await api.list_all(_USERS, email=email)
    if not rows:
        raise UnknownUser(
            f"WorkOS has no user {id_ or email} in the environment of this API key: look for the address in the "
            "dashboard (Users), and take the key of that environment"
        )
    found = {name: str(rows[0].get(name) or "") for name in ("id", "email", "first_name", "last_name")}
    # The answer is compared with the question, because what follows may end all that connects this user.
    if len(rows) > 1 or (found["id"] != id_ if id_ else found["email"].casefold() != email.casefold()):
        raise UnknownUser(f"asked for the user {id_ or email}, WorkOS answers with another one: nothing was ended")
    return User(found["id"], found["email"], f"{found['first_name']} {found['last_name']}".strip())


async def list_clients(api: WorkOSApi, user: User) -> list[Client]:
    rows = await api.list_all(f"{_USERS}/{quote(user.id, safe='')}/authorized_applications")
    return [Client.read(row) for row in rows]


async def list_sessions(api: WorkOSApi, user: User) -> list[Session]:
    return [Session.read(row) for row in await api.list_all(f"{_USERS}/{quote(user.id, safe='')}/sessions")]


async def end_client(api: WorkOSApi, user: User, client: Client) -> None:
    """End the consent: the client's refresh tokens stop working, and it needs a new login."""
    path = f"{_USERS}/{quote(user.id, safe='')}/authorized_applications/{quote(client.id, safe='')}"
    await api.send("DELETE", path)


async def end_session(api: WorkOSApi, session: Session) -> None:
    await api.send("POST", "/user_management/sessions/revoke", {"session_id": session.id})


def _read_time(id_: str) -> str:
    """The time in a ULID, the last part of WorkOS's ids: its first 10 characters are milliseconds since 1970."""
    ulid = id_.rpartition("_")[2]
    if len(ulid) != _ULID_LENGTH or not set(ulid) <= set(_CROCKFORD):
        return ""
    milliseconds = 0
    for character in ulid[:_ULID_TIME_LENGTH]:
        milliseconds = milliseconds * 32 + _CROCKFORD.index(character)
    try:
        return shown_time(datetime.fromtimestamp(milliseconds / 1000, UTC))
    except (ValueError, OverflowError):
        return ""


def _shown(text: str) -> str:
    try:
        return shown_time(datetime.fromisoformat(text))
    except ValueError:
        return ""
