"""A tool for each kind of requirement that callers differ in."""

from app.authoring import CurrentSession, all_of, anyone, check, machine, permission, scope, tool


async def is_even(number: int = 2) -> bool:
    return number % 2 == 0


@tool(requires=scope("reports:write"))
async def by_scope(session: CurrentSession) -> str:
    """Need a scope."""
    return session.user_id


@tool(requires=permission("reports:write"))
async def by_permission(session: CurrentSession) -> str:
    """Need a permission."""
    return session.user_id


@tool(requires=all_of(anyone(), check(is_even, needs="an even number")))
async def by_argument(session: CurrentSession, number: int = 2) -> str:
    """Need an even number."""
    return session.user_id


@tool(requires=machine())
async def by_machine(session: CurrentSession) -> str:
    """Need to be a machine."""
    return session.user_id


@tool()
async def by_person(session: CurrentSession) -> str:
    """Need to be a person."""
    return session.user_id
