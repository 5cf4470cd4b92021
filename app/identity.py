"""YOURS: what the server says of itself to clients. Upstream does not change this file."""

from app.authoring import Identity

IDENTITY = Identity(
    name="workos-mcp-lambda",
    version="0.1.0",
    title="WorkOS MCP on Lambda",
    description="Tools that act for the person logged in through WorkOS AuthKit.",
    instructions=(
        "Every call acts for the user behind the login, in the organisation that was chosen there; whoami names "
        "both. Lists show what this user may use. A result that is an error says what to do about it."
    ),
    # A drawing of a lambda. As a data address it needs no route and no network, and it has any size.
    icons=(
        (
            "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20viewBox=%220,0,8,8%22%3E"
            "%3Cpath%20fill=%22teal%22%20d=%22M1,0h2l4,8H5L3,4,1,8H0L2,2z%22/%3E%3C/svg%3E"
        ),
    ),
)
