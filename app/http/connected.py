"""The page to which WorkOS sends a user who has connected an account. It is rendered when the first one comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from app.authoring import Identity
from app.http.page import NO_ICON, PAGE_HEADERS, create_policy, find_embedded_icons, render_icon

_TEMPLATE = Path(__file__).with_name("connected.html")


@dataclass(frozen=True, slots=True)
class ConnectedPage:
    """Says that the window may be closed. Nothing of a request is in it, so nothing that its URL has.

    It does not say that the account is connected: only the next call, which asks WorkOS, knows that.
    """

    html: bytes
    headers: Mapping[str, str]

    @classmethod
    def render(cls, identity: Identity) -> "ConnectedPage":
        template = _TEMPLATE.read_text(encoding="utf-8")
        icons = find_embedded_icons(identity)
        html = Template(template).substitute(
            title=escape(identity.title),
            favicon=escape(icons.get("light", NO_ICON)),
            icon=render_icon(identity, icons),
        )
        # The URL may have a state of WorkOS in its query, so no cache keeps the page under it.
        headers = {"content-security-policy": create_policy(template), "cache-control": "no-store"}
        return cls(html.encode(), {**PAGE_HEADERS, **headers})
