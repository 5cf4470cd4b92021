"""Who called, as a log line says it."""

from collections.abc import Mapping

from app.audit.printable import printable
from app.auth.session import Session

LIMIT = 200
"""Characters of an impersonator's name."""


def caller_ids(session: Session) -> dict[str, str | bool | None]:
    """The caller as ids: enough to find a person in WorkOS, nothing that could be used to log in."""
    ids: dict[str, str | bool | None] = {
        "user_id": session.user_id,
        "organization_id": session.organization_id,
        "client_id": session.client_id,
        "session_id": session.session_id,
        "token_id": session.token_id,
        "is_machine": session.is_machine,
    }
    # RFC 8693 section 4.1: who acts as this user. WorkOS puts the impersonator's address there.
    actor = session.claims.get("act")
    if isinstance(actor, Mapping) and isinstance(impersonator := actor.get("sub"), str):
        ids["impersonator"] = printable(impersonator, LIMIT)
    return ids
