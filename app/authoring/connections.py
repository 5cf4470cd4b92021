"""What a caller has connected at other services: `connections: CurrentConnections`."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends

from app.auth.session import CurrentSession, Session
from app.authoring.account import find_pipes, identify_account, require_person

if TYPE_CHECKING:
    from app.workos.pipes import Connection, Pipes


class Connections:
    """The caller's accounts at other services, in the organisation of the login. No method takes a user's id."""

    def __init__(self, session: Session, pipes: "Pipes") -> None:
        self._session = session
        self._pipes = pipes

    async def list(self) -> "list[Connection]":
        """Each provider that the WorkOS dashboard has, with the state of the caller's account there.

        Raises:
            workos.WorkOSError: WorkOS refused or failed. If the tool lets it pass, the caller can read it.
        """
        return await self._pipes.list_connections(self._session.user_id, self._session.organization_id)

    async def disconnect(self, provider: str) -> bool:
        """Have WorkOS forget the caller's own account there and its tokens; False if none was connected.

        What the caller allowed at the provider itself stays there until they take it back. Other environments
        of this server may use a token that they have for up to a minute.

        Raises:
            workos.WorkOSError: WorkOS refused or failed.
        """
        return await self._pipes.disconnect(identify_account(self._session, provider, "user"))


async def get_connections(session: CurrentSession) -> Connections:
    """The connected accounts of the caller.

    Raises:
        NoSession: outside a request.
        NoUser: no person stands behind the caller.
    """
    require_person(session)
    return Connections(session, find_pipes())


CurrentConnections = Annotated[Connections, Depends(get_connections)]
"""A tool parameter of this type stays out of the tool's schema."""
