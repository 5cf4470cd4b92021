"""`Identity`: who the server says that it is. The values of this server are in app/identity.py."""

import re
from dataclasses import dataclass

from app.authoring.errors import ContentError
from app.authoring.icons import Icons, read_icons

MAX_ICON_CHARACTERS = 2048
"""Of one icon's address: the identity goes out with every answer, so it stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers. Protocol version 2026-07-28 sends it with every answer, earlier ones at `initialize`.

    Raises:
        ContentError: for a name, version, address or icon that cannot be sent.
    """

    name: str
    """For programs; the same in every stage."""
    version: str
    """Of your server, such as "1.4.0": clients show it, and use it to tell one release from the next."""
    title: str
    """For people."""
    description: str | None = None
    instructions: str | None = None
    """What a model reads before it uses the server: what the lists and their descriptions do not say."""
    website_url: str | None = None
    icons: Icons = ()

    def __post_init__(self) -> None:
        icons = read_icons(self.icons)
        object.__setattr__(self, "icons", icons)
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", self.name):
            raise ContentError('name is of lower-case letters, digits, ".", "_" and "-", such as "acme-reports"')
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}", self.version):
            raise ContentError('version is of letters, digits, ".", "+", "_" and "-", such as "1.4.0"')
        if self.website_url is not None and not self.website_url.startswith("https://"):
            raise ContentError('website_url begins with "https://"')
        if any(len(icon.src) > MAX_ICON_CHARACTERS for icon in icons):
            raise ContentError(
                f"an icon of the server has {MAX_ICON_CHARACTERS} characters at most; give its https address"
            )
