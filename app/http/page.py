"""What the pages for people have in common: they need no other server, and run nothing but their own text."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html import escape

from app.authoring import Identity

NO_ICON = "data:,"
"""An empty icon: without one a browser would ask this server for /favicon.ico."""
PAGE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def create_policy(template: str) -> str:
    """Allow the page its own style and script, by their hashes, and embedded icons, and nothing else (CSP 3)."""
    hashes = {
        tag: " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in re.findall(f"<{tag}>(.*?)</{tag}>", template, re.DOTALL)
        )
        or "'none'"
        for tag in ("style", "script")
    }
    return (
        f"default-src 'none'; style-src {hashes['style']}; script-src {hashes['script']}; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def find_embedded_icons(identity: Identity) -> dict[str, str]:
    """Find the icons that need no other server, one for each background."""
    sources: dict[str, str] = {}
    for icon in identity.icons:
        # `Identity` turns addresses into icons; the type still says that it takes both.
        if not isinstance(icon, str) and icon.src.startswith("data:"):
            sources.setdefault(icon.theme or "light", icon.src)
    return {"light": sources["dark"], **sources} if "dark" in sources else sources


def render_icon(identity: Identity, icons: Mapping[str, str]) -> str:
    """Show an embedded icon, or the first letter of the title if no icon is embedded."""
    if not icons:
        return f'<div class="icon" aria-hidden="true">{escape(identity.title.strip()[:1].upper())}</div>'
    image = f'<img src="{escape(icons["light"])}" alt="">'
    if "dark" not in icons:
        return f'<div class="icon on-light">{image}</div>'
    dark = f'<source srcset="{escape(icons["dark"])}" media="(prefers-color-scheme: dark)">'
    return f'<div class="icon"><picture>{dark}{image}</picture></div>'
