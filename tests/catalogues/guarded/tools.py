"""A tool for each kind of requirement; each says "done"."""

from app.authoring import (
    CurrentGrants,
    CurrentSession,
    all_of,
    any_of,
    anyone,
    check,
    flag,
    machine,
    organization,
    permission,
    role,
    scope,
    tool,
)


async def may_view(report_id: str, grants: CurrentGrants) -> bool:
    return await grants.may("report:view", resource_type="report", external_id=report_id)


async def is_even(number: int = 2) -> bool:
    return number % 2 == 0


async def breaks(number: int) -> bool:
    raise ValueError(f"secret {number}")


VIEW = check(may_view, needs="report:view on it", granted_by="Its owner can share it with you.")


@tool()
async def people() -> str:
    """People."""
    return "done"


@tool(requires=anyone())
async def everyone() -> str:
    """Everyone."""
    return "done"


@tool(requires=machine())
async def machines() -> str:
    """Machines."""
    return "done"


@tool(requires=[anyone(), organization()], discoverable=True)
async def in_organization() -> str:
    """Organisations."""
    return "done"


@tool(requires=permission("reports:write"))
async def by_permission() -> str:
    """A permission."""
    return "done"


@tool(requires=permission("reports:write"), discoverable=True, audit="note")
async def by_permission_openly(note: str = "") -> str:
    """A permission, and no secret."""
    return "done"


@tool(requires=role("admin"))
async def by_role() -> str:
    """A role."""
    return "done"


@tool(requires=flag("report-export"))
async def by_flag() -> str:
    """A flag of the organisation."""
    return "done"


@tool(requires=flag("early-access", of="user"))
async def by_flag_of_user() -> str:
    """A flag of the user."""
    return "done"


@tool(requires=scope("reports:write"))
async def by_scope() -> str:
    """A scope."""
    return "done"


@tool(requires=[scope("reports:write"), scope("email"), permission("reports:write")])
async def by_scope_and_permission() -> str:
    """Both."""
    return "done"


@tool(requires=any_of(all_of(machine(), scope("reports:read")), permission("reports:write")))
async def by_either() -> str:
    """One of two."""
    return "done"


@tool(requires=VIEW)
async def by_resource(report_id: str) -> str:
    """One resource."""
    return "done"


@tool(requires=[check(is_even, needs="an even number")])
async def by_argument(number: int = 2) -> str:
    """An argument."""
    return "done"


@tool(requires=any_of(scope("reports:write"), check(is_even, needs="an even number")))
async def by_argument_or_scope(number: int) -> str:
    """An argument or a scope."""
    return "done"


@tool(requires=check(breaks, needs="luck"))
async def by_broken_check(number: int) -> str:
    """A check that raises."""
    return "done"


async def truthy(number: int) -> bool:
    return number  # type: ignore[return-value] # what it found, which is no yes


async def is_alice(session: CurrentSession) -> bool:
    return session.user_id != "mine"


@tool(requires=check(is_even, needs="an even number"))
async def by_default(number: int = 3) -> str:
    """A default that does not do."""
    return "done"


@tool(requires=check(truthy, needs="a yes"))
async def by_truth(number: int) -> str:
    """A check that answers with what it found."""
    return "done"


@tool(requires=check(is_alice, needs="to be somebody"))
async def by_session(session: str) -> str:
    """An argument with the name of what a check is given."""
    return "done"
