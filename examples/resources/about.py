"""A resource with a fixed address: how to use this server."""

from app.authoring import resource

_TEXT = """\
# About this server

You are logged in through WorkOS AuthKit. Every call acts for the user behind the access token, in the organisation
that was chosen at login; to act in another organisation, log in again.

- The tool `whoami` says which user and organisation that is, and until when the login holds.
- Lists show what this user may use. What is missing is either not offered or not allowed for them.
- A result that begins with an error says what to do about it. What is temporary says so: try again later.
- The prompt `introduce_me` is a way to begin.
"""


@resource("server://about", title="About this server", mime_type="text/markdown", max_age=3600)
async def about() -> str:
    """Read how this server decides who may do what, and where to begin."""
    return _TEXT
