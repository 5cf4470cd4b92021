"""Icons of the server and of what it offers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.authoring.values import ContentError, check_mime_type

# MCP basic, Icons: consumers must refuse other schemes, such as javascript: or file:. Quotes, angle brackets and
# spaces would end the attribute that a client writes the address into.
_SRC = re.compile(
    r"https://([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?([/?#][!#-&(-;=?-~]*)?"
    r"|data:image/[!#-&(-;=?-~]+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Icon:
    """An image that clients may show beside a title."""

    src: str
    """An https or data address."""
    mime_type: str | None = None
    sizes: Sequence[str] = ()
    """Such as "48x48", or "any" for what can be scaled."""
    theme: Literal["light", "dark"] | None = None
    """For which background it is drawn."""

    def __post_init__(self) -> None:
        if not _SRC.fullmatch(self.src):
            raise ContentError(
                'an icon\'s src begins with "https://" and a host, or with "data:image/"; '
                "quotes, angle brackets and spaces in it are percent-encoded"
            )
        if self.mime_type is not None:
            check_mime_type(self.mime_type, kind="image")


Icons: TypeAlias = Sequence[str | Icon]
"""Addresses, or icons where more than the address is to be said."""


def icons_of(icons: Icons) -> tuple[Icon, ...]:
    """Raises: ContentError, for an address that no client may load."""
    if isinstance(icons, str):
        raise ContentError('icons is a list; write icons=["https://example.com/icon.png"]')
    return tuple(Icon(icon) if isinstance(icon, str) else icon for icon in icons)
