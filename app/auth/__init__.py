"""One small room: a bearer token goes in, a Session comes out. It imports nothing else of app/.

Read in this order: bearer, verifier, jws, jwks, claims, session; then refusals and challenge
for everything that is not accepted, discovery and browser for the routes around it, workos for
what a tool may ask WorkOS about the caller.
"""

from app.auth.session import CurrentSession, NoSession, Session, get_session
from app.auth.workos import CurrentUser, NotForCallers, NoUser, WorkOS, get_client, get_user

__all__ = [
    "CurrentSession",
    "CurrentUser",
    "NoSession",
    "NoUser",
    "NotForCallers",
    "Session",
    "WorkOS",
    "get_client",
    "get_session",
    "get_user",
]
