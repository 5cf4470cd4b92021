"""The caller's organisation in WorkOS. It comes from the login: no method takes the id of another one."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends

from app.auth.session import get_session
from app.workos.client import NoAnswerForCaller, get_client

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient
    from workos.audit_logs.models import AuditLogEvent
    from workos.common.models import DirectoryGroup
    from workos.directory_sync.models import Directory, DirectoryUserWithGroups
    from workos.organization_membership.models import UserOrganizationMembership
    from workos.organizations.models import Organization
    from workos.sso.models import Connection

ROWS_PER_PAGE = 100
"""The most that WorkOS gives in one request. Further pages are fetched as they are needed."""


class NoOrganization(NoAnswerForCaller):
    """The caller is logged in without an organisation. `requires=organization()` keeps such callers out."""

    def __init__(self) -> None:
        super().__init__(
            "You are logged in without an organisation. Log in again and choose one, or ask to be invited."
        )


class Tenant:
    """One organisation. If WorkOS answers with rows of another one, they are left out."""

    def __init__(self, organization_id: str, workos: "AsyncWorkOSClient") -> None:
        self.id = organization_id
        self._workos = workos

    async def organization(self) -> "Organization":
        """Fetch the organisation itself.

        Raises:
            LookupError: WorkOS answered with another one.
        """
        found = await self._workos.organizations.get_organization(self.id)
        if found.id != self.id:
            raise LookupError("another organisation than the one that was asked for")
        return found

    async def members(self) -> "AsyncIterator[UserOrganizationMembership]":
        """Yield its memberships, of all statuses that WorkOS lists by default."""
        page = await self._workos.organization_membership.list_organization_memberships(
            organization_id=self.id, limit=ROWS_PER_PAGE
        )
        async for membership in page.auto_paging_iter():
            if membership.organization_id == self.id:
                yield membership

    async def connections(self) -> "AsyncIterator[Connection]":
        """Yield its Single Sign-On connections."""
        page = await self._workos.sso.list_connections(organization_id=self.id, limit=ROWS_PER_PAGE)
        async for connection in page.auto_paging_iter():
            if connection.organization_id == self.id:
                yield connection

    async def directories(self) -> "AsyncIterator[Directory]":
        """Yield its directories (Directory Sync)."""
        page = await self._workos.directory_sync.list_directories(organization_id=self.id, limit=ROWS_PER_PAGE)
        async for directory in page.auto_paging_iter():
            if directory.organization_id == self.id:
                yield directory

    async def directory_users(self) -> "AsyncIterator[DirectoryUserWithGroups]":
        """Yield the people of all its directories."""
        async for directory in self.directories():
            page = await self._workos.directory_sync.list_users(directory=directory.id, limit=ROWS_PER_PAGE)
            async for user in page.auto_paging_iter():
                if user.organization_id == self.id:
                    yield user

    async def directory_groups(self) -> "AsyncIterator[DirectoryGroup]":
        """Yield the groups of all its directories."""
        async for directory in self.directories():
            page = await self._workos.directory_sync.list_groups(directory=directory.id, limit=ROWS_PER_PAGE)
            async for group in page.auto_paging_iter():
                if group.organization_id == self.id:
                    yield group

    async def record(self, event: "AuditLogEvent") -> None:
        """Write an event to its audit log. WorkOS must know the action: dashboard, Audit Logs."""
        await self._workos.audit_logs.create_event(organization_id=self.id, event=event)


async def get_tenant() -> Tenant:
    """Return the organisation of the login.

    Raises:
        NoSession: outside a request.
        NoOrganization: the caller is logged in without one.
    """
    organization_id = get_session().organization_id
    if organization_id is None:
        raise NoOrganization
    return Tenant(organization_id, await get_client())


CurrentTenant = Annotated[Tenant, Depends(get_tenant)]
"""A tool parameter of this type is the caller's organisation."""
