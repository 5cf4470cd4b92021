"""MCP Apps (SEP-1865): pages that clients show for a tool's result, and what these pages may load and call."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from app.authoring.errors import ContentError

SCHEME = "ui://"
PAGE_TYPE = "text/html;profile=mcp-app"
"""The one type that clients show (MCP Apps 2026-01-26, UI Resource Format)."""

Capability: TypeAlias = Literal["camera", "microphone", "geolocation", "clipboard_write"]
Visibility: TypeAlias = Literal["model", "app"]
_ORIGIN = re.compile(r"(https|wss)://(\*\.)?[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class UI:
    """What a page may load and call. With none of it, the page uses only what it contains.

    Raises:
        ContentError: for an origin or a permission that MCP Apps does not have.
    """

    connect: Sequence[str] = ()
    """Origins that its scripts call, such as "https://api.example.com"."""
    load: Sequence[str] = ()
    """Origins of its images, scripts, styles, fonts and media."""
    frame: Sequence[str] = ()
    """Origins of frames in it."""
    base: Sequence[str] = ()
    """Origins that its <base> may name."""
    permissions: Sequence[Capability] = ()
    """What it asks the browser for; a client may refuse."""
    domain: str | None = None
    """An origin of its own, in the form that the client in question documents."""
    border: bool | None = None
    """Whether the client draws a border around it; the client decides if left out."""

    def __post_init__(self) -> None:
        for name in ("connect", "load", "frame", "base"):
            origins = getattr(self, name)
            if isinstance(origins, str) or not all(_ORIGIN.fullmatch(origin) for origin in origins):
                raise ContentError(f'{name} is a list of origins; write {name}=["https://api.example.com"]')
        if isinstance(self.permissions, str) or not set(self.permissions) <= set(get_args(Capability)):
            raise ContentError(f"permissions is a list of {', '.join(get_args(Capability))}")


def choose_mime_type(uri: str, mime_type: str | None, ui: UI | None) -> str | None:
    """The MIME type of a resource: of a page PAGE_TYPE, of others what the author gave.

    Raises:
        ContentError: another type for a page, or `ui` for a resource that is not one.
    """
    if not uri.startswith(SCHEME):
        if ui is not None:
            raise ContentError('ui is of resources whose URI begins with "ui://"')
        return mime_type
    if mime_type not in (None, PAGE_TYPE):
        raise ContentError(f'a ui:// resource has the type "{PAGE_TYPE}"; leave mime_type out')
    return PAGE_TYPE


def check_page(ui: str | None, visibility: Sequence[Visibility]) -> None:
    """Check what a tool says about the page that shows its results.

    Raises:
        ContentError: `ui` is not the URI of a page, or `visibility` does not fit.
    """
    if ui is not None and not ui.startswith(SCHEME):
        raise ContentError('ui is the URI of a page; write ui="ui://reports/board", for example')
    if isinstance(visibility, str) or not set(visibility) <= set(get_args(Visibility)):
        raise ContentError('visibility is a list of "model" and "app"')
    if visibility and ui is None:
        raise ContentError("visibility is of tools that have a ui; name it, or leave visibility out")
