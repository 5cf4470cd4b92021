"""One small room: a bearer token goes in, a Session comes out. It imports nothing else of app/.

Read in this order: bearer, verifier, jws, jwks, claims, session; then refusals and challenge
for everything that is not accepted, discovery and browser for the routes around it.
"""

from app.auth.session import CurrentSession, NoSession, Session, get_session

__all__ = ["CurrentSession", "NoSession", "Session", "get_session"]
