"""`make connections`: the MCP clients that a user let in and the user's sessions; it ends one or all of them.

Environment: USER_EMAIL or USER_ID, REVOKE (the id or client id of a client, the id of a session, or all; without
APPLY=1 it shows what it would do), WORKOS_API_KEY or WORKOS_API_KEY_FILE (asked for where neither is set),
WORKOS_BASE_URL (another WorkOS API, such as the one of `make dev`), JSON=1.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from infra.operator.columns import columns
from infra.operator.finding import Finding, changed, exit_status, failed, passed
from infra.operator.given_secrets import Ask, SecretNotGiven, ask_at_terminal, read_secrets, with_question
from infra.operator.report import printable, table
from infra.operator.user_connections import (
    Client,
    Session,
    UnknownUser,
    User,
    end_client,
    end_session,
    find_user,
    list_clients,
    list_sessions,
)
from infra.operator.web import Web
from infra.operator.workos_api import API, ApiRefused, WorkOSApi

Environment = Mapping[str, str]
ALL = "all"
Step = Callable[[], Awaitable[None]]
_CLIENT_HEADINGS = ("client", "client id", "scopes", "granted (UTC)", "id")
_SESSION_HEADINGS = ("began (UTC)", "by", "address", "browser", "id")
_LIVE_ON = (
    "Access tokens that were issued already work until they expire; docs/operate.md says how long, and how to "
    "stop everybody at once."
)


class InvalidRequest(Exception):
    """The variables do not name a user, or a client or session of the user; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Connections:
    user: User
    clients: list[Client]
    sessions: list[Session]

    def select(self, revoke: str) -> "Connections":
        """What REVOKE names.

        Raises:
            InvalidRequest: if this user has neither a client nor a session of that id.
        """
        if revoke == ALL:
            return self
        clients = [each for each in self.clients if revoke in (each.id, each.client_id)]
        sessions = [each for each in self.sessions if revoke == each.id]
        if not clients and not sessions:
            raise InvalidRequest(
                f"REVOKE={revoke} names neither a client nor a session of {self.user.email}: give an id "
                f"of the lists that the command shows without REVOKE, or REVOKE={ALL}"
            )
        return Connections(self.user, clients, sessions)


async def read_connections(api: WorkOSApi, environment: Environment) -> Connections:
    """Read who the user is, and what connects the user.

    Raises:
        UnknownUser: if WorkOS has no such user.
        ApiRefused: if WorkOS refuses or does not answer.
    """
    user = await find_user(api, environment.get("USER_ID", ""), environment.get("USER_EMAIL", ""))
    return Connections(user, await list_clients(api, user), await list_sessions(api, user))


async def end(api: WorkOSApi, chosen: Connections, *, apply: bool) -> list[Finding]:
    """End the consents first, so that no client can refresh, then the sessions. A failure stops nothing else."""
    steps: list[tuple[str, Step]] = [
        (f"{client.name} ({client.id})", partial(end_client, api, chosen.user, client))
        for client in chosen.clients
    ]
    steps += [(session.id, partial(end_session, api, session)) for session in chosen.sessions]
    return [await _end(printable(name), step, apply=apply) for name, step in steps]


async def _end(name: str, step: Step, *, apply: bool) -> Finding:
    if not apply:
        return changed("revoke", f"would end {name}")
    try:
        await step()
    except ApiRefused as refused:
        if refused.status == 404:
            return passed("revoke", f"{name} has ended already")
        return failed("revoke", f"{name} was not ended: {refused}", refused.fix)
    return changed("revoke", f"ended {name}")


async def run(environment: Environment) -> tuple[Connections, list[Finding]]:
    """Read the connections, and end what REVOKE names.

    Raises:
        ApiRefused, InvalidRequest, UnknownUser: as above.
    """
    api = WorkOSApi(Web(), environment["WORKOS_API_KEY"], environment.get("WORKOS_BASE_URL") or API)
    connections = await read_connections(api, environment)
    revoke = environment.get("REVOKE", "")
    if not revoke:
        return connections, []
    steps = await end(api, connections.select(revoke), apply=environment.get("APPLY") == "1")
    return connections, steps or [passed("revoke", "nothing connects the user: there is nothing to end")]


def main(environment: Environment, ask: Ask | None = None) -> int:
    try:
        _check_user(environment)
        environment = read_secrets(with_question(environment, "WORKOS_API_KEY", ask), ("WORKOS_API_KEY",), ask)
        _check_key(environment)
        connections, steps = asyncio.run(run(environment))
    except (InvalidRequest, SecretNotGiven, UnknownUser) as refused:
        print(refused, file=sys.stderr)
        return 2
    except ApiRefused as refused:
        print(f"{refused}; {refused.fix}", file=sys.stderr)
        return 1
    print(
        _write_json(connections, steps)
        if environment.get("JSON")
        else _write_text(connections, steps, environment)
    )
    return exit_status(steps)


def _check_key(environment: Environment) -> None:
    if not environment.get("WORKOS_API_KEY"):
        raise InvalidRequest(
            "WORKOS_API_KEY is not set, nor WORKOS_API_KEY_FILE; it is in the WorkOS dashboard, API Keys"
        )


def _check_user(environment: Environment) -> None:
    given = [name for name in ("USER_EMAIL", "USER_ID") if environment.get(name)]
    if len(given) != 1:
        raise InvalidRequest("give USER_EMAIL=ada@example.com or USER_ID=user_01..., one of them")


def _write_text(connections: Connections, steps: list[Finding], environment: Environment) -> str:
    user = connections.user
    parts = [printable(f"{user.name} <{user.email}> {user.id}".strip(), 200), _list_clients(connections.clients)]
    parts.append(_list_sessions(connections.sessions))
    if steps:
        parts.append(table(steps))
        pending = any(step.status.value == "change" for step in steps) and environment.get("APPLY") != "1"
        parts.append("Nothing was changed. The same command with APPLY=1 does it." if pending else _LIVE_ON)
    return "\n\n".join(parts)


def _list_clients(clients: list[Client]) -> str:
    if not clients:
        return "The user let no client in."
    rows = [(each.name, each.client_id, " ".join(each.scopes), each.granted, each.id) for each in clients]
    return f"Clients that the user let in\n{_write_columns(_CLIENT_HEADINGS, rows)}"


def _list_sessions(sessions: list[Session]) -> str:
    if not sessions:
        return "The user has no session."
    rows = [
        (each.started, each.method, each.ip_address, printable(each.user_agent, 40), each.id) for each in sessions
    ]
    return f"Sessions of the user\n{_write_columns(_SESSION_HEADINGS, rows)}"


def _write_columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return columns([headings, *([printable(text) for text in row] for row in rows)])


def _write_json(connections: Connections, steps: list[Finding]) -> str:
    done = [{"status": step.status.value, "seen": step.seen} for step in steps]
    return json.dumps({**asdict(connections), "steps": done}, indent=2)


if __name__ == "__main__":
    sys.exit(main(os.environ, ask_at_terminal()))
