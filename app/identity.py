"""What the server says of itself to clients: make it yours here."""

import re
from dataclasses import dataclass

from app.authoring.icons import Icons, icons_of
from app.authoring.values import ContentError

_MOST_ICON = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers. It goes with every answer of protocol version 2026-07-28, so it stays small."""

    name: str
    """For programs: the same in every stage."""
    title: str
    """For people."""
    description: str | None = None
    instructions: str | None = None
    """What a model is told before it uses the server: what the lists and their descriptions do not say."""
    website_url: str | None = None
    icons: Icons = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "icons", icons_of(self.icons))
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", self.name):
            raise ContentError('name is of lower-case letters, digits, ".", "_" and "-", such as "acme-reports"')
        if self.website_url is not None and not self.website_url.startswith("https://"):
            raise ContentError('website_url begins with "https://"')
        if any(len(icon.src) > _MOST_ICON for icon in icons_of(self.icons)):
            raise ContentError(
                f"an icon of the server has {_MOST_ICON} characters at most; give its https address"
            )


IDENTITY = Identity(
    name="workos-mcp-lambda",
    title="WorkOS MCP on Lambda",
    description="Tools that act for the person logged in through WorkOS AuthKit.",
    instructions=(
        "Every call acts for the user behind the login, in the organisation that was chosen there; whoami names "
        "both. Lists show what this user may use. A result that is an error says what to do about it."
    ),
    # A lambda. As a data address it needs no route and no network; as a drawing it has any size.
    icons=(
        (
            "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20viewBox=%220,0,8,8%22%3E"
            "%3Cpath%20fill=%22teal%22%20d=%22M1,0h2l4,8H5L3,4,1,8H0L2,2z%22/%3E%3C/svg%3E"
        ),
    ),
)
