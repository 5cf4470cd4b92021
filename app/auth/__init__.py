"""One small room: a bearer token goes in, a Session comes out. It imports nothing else of app/.

Read in this order: bearer, verifier, jws, jwks, claims, session; then key_snapshot, key_file and
renewal for keys from before this environment, refusals and challenge for everything that is not
accepted, discovery and browser for the routes around it, workos and tenant for what a tool may ask
WorkOS about the caller. Who may call what is decided in access.
"""

from app.auth.session import CurrentSession, NoSession, Session, get_session
from app.auth.tenant import CurrentTenant, NoOrganization, Tenant, get_tenant
from app.auth.workos import CurrentUser, NotForCallers, NoUser, WorkOS, get_client, get_user

__all__ = [
    "CurrentSession",
    "CurrentTenant",
    "CurrentUser",
    "NoOrganization",
    "NoSession",
    "NoUser",
    "NotForCallers",
    "Session",
    "Tenant",
    "WorkOS",
    "get_client",
    "get_session",
    "get_tenant",
    "get_user",
]
