"""Icons of the server and of its tools, prompts and resources."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.authoring.errors import ContentError
from app.authoring.values import check_mime_type

# MCP basic, Icons: clients must refuse other schemes, such as javascript: or file:. Quotes, angle brackets and
# spaces would end the HTML attribute that a client writes the address into.
_SRC = re.compile(
    r"https://([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?([/?#][!#-&(-;=?-~]*)?"
    r"|data:image/[!#-&(-;=?-~]+",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Icon:
    """An image that clients may show beside a title.

    Raises:
        ContentError: for an address that no client may load, or a MIME type that is not an image's.
    """

    src: str
    """An https or data address."""
    mime_type: str | None = None
    sizes: Sequence[str] = ()
    """Such as "48x48", or "any" for an image that scales."""
    theme: Literal["light", "dark"] | None = None
    """The background that it is drawn for."""

    def __post_init__(self) -> None:
        if not _SRC.fullmatch(self.src):
            raise ContentError(
                'an icon\'s src begins with "https://" and a host, or with "data:image/"; '
                "quotes, angle brackets and spaces in it are percent-encoded"
            )
        if self.mime_type is not None:
            check_mime_type(self.mime_type, kind="image")


Icons: TypeAlias = Sequence[str | Icon]
"""Addresses, or an `Icon` where there is more to say than the address."""


def read_icons(icons: Icons) -> tuple[Icon, ...]:
    """Turn addresses into icons.

    Raises:
        ContentError: for an address that no client may load, or one address where a list belongs.
    """
    if isinstance(icons, str):
        raise ContentError('icons is a list; write icons=["https://example.com/icon.png"]')
    return tuple(Icon(icon) if isinstance(icon, str) else icon for icon in icons)
