"""MCP Apps (SEP-1865): pages that clients show for a tool's result, and how they are framed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from app.authoring.values import ContentError

SCHEME = "ui://"
PAGE_TYPE = "text/html;profile=mcp-app"
"""MCP Apps 2026-01-26, UI Resource Format: the one type that hosts show."""

Capability: TypeAlias = Literal["camera", "microphone", "geolocation", "clipboard_write"]
Visibility: TypeAlias = Literal["model", "app"]
_ORIGIN = re.compile(r"(https|wss)://(\*\.)?[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class UI:
    """What the page may reach beyond itself. Without any of it, it loads and calls nothing from outside."""

    connect: Sequence[str] = ()
    """Origins that its scripts call, such as "https://api.example.com"."""
    load: Sequence[str] = ()
    """Origins of its images, scripts, styles, fonts and media."""
    frame: Sequence[str] = ()
    """Origins of frames in it."""
    base: Sequence[str] = ()
    """Origins that its <base> may name."""
    permissions: Sequence[Capability] = ()
    """What it asks of the browser; a client may say no."""
    domain: str | None = None
    """An origin of its own, in the form that the client in question documents."""
    border: bool | None = None
    """Whether the client draws one around it; as the client likes if it is not said."""

    def __post_init__(self) -> None:
        for name in ("connect", "load", "frame", "base"):
            origins = getattr(self, name)
            if isinstance(origins, str) or not all(_ORIGIN.fullmatch(origin) for origin in origins):
                raise ContentError(f'{name} is a list of origins; write {name}=["https://api.example.com"]')
        if isinstance(self.permissions, str) or not set(self.permissions) <= set(get_args(Capability)):
            raise ContentError(f"permissions is a list of {', '.join(get_args(Capability))}")


def page_type(uri: str, mime_type: str | None, ui: UI | None) -> str | None:
    """The MIME type of a resource, which for a page is the one that hosts show."""
    if not uri.startswith(SCHEME):
        if ui is not None:
            raise ContentError('ui is of resources whose URI begins with "ui://"')
        return mime_type
    if mime_type not in (None, PAGE_TYPE):
        raise ContentError(f'a ui:// resource has the type "{PAGE_TYPE}"; leave mime_type out')
    return PAGE_TYPE


def check_page(ui: str | None, visibility: Sequence[Visibility]) -> None:
    """What a tool says of the page that shows its results."""
    if ui is not None and not ui.startswith(SCHEME):
        raise ContentError('ui is the URI of a page; write ui="ui://reports/board", for example')
    if isinstance(visibility, str) or not set(visibility) <= set(get_args(Visibility)):
        raise ContentError('visibility is a list of "model" and "app"')
    if visibility and ui is None:
        raise ContentError("visibility is of tools that have a ui; name it, or leave visibility out")
