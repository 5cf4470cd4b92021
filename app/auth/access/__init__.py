"""Who may call what: a declaration and a caller go in, a decision comes out.

Read in this order: words (what a decorator says), requirement, access, decision; then grants,
lookups and kept for what is known of the caller, and denial for what a caller is told.
"""

from app.auth.access.access import Access, Declared, declare
from app.auth.access.grants import CurrentGrants, Grants, get_grants
from app.auth.access.kept import Undecidable
from app.auth.access.requirement import DeclarationError, Requirement
from app.auth.access.words import (
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
    user,
)

__all__ = [
    "Access",
    "CurrentGrants",
    "DeclarationError",
    "Declared",
    "Grants",
    "Requirement",
    "Undecidable",
    "all_of",
    "any_of",
    "anyone",
    "check",
    "declare",
    "flag",
    "get_grants",
    "machine",
    "organization",
    "permission",
    "role",
    "scope",
    "user",
]
