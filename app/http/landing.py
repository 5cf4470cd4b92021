"""The page for people who open this server in a browser. It is imported and rendered when the first one does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from app.auth.urls import is_loopback
from app.authoring import Identity
from app.http.clients import Client, list_clients
from app.http.page import NO_ICON, PAGE_HEADERS, create_policy, find_embedded_icons, render_icon
from app.settings import Settings

_TEMPLATE = Path(__file__).with_name("landing.html")


@dataclass(frozen=True, slots=True)
class LandingPage:
    """The page, made of settings and identity alone: nothing of a request, a caller or the catalogue is in it."""

    html: bytes
    headers: Mapping[str, str]
    """Those that keep the page apart from other sites, on every path where it is served."""

    @classmethod
    def render(cls, settings: Settings, identity: Identity) -> "LandingPage":
        template = _TEMPLATE.read_text(encoding="utf-8")
        icons = find_embedded_icons(identity)
        is_public = not is_loopback(settings.base_url)
        clients = list_clients(identity.name, settings.resource, is_public=is_public)
        html = Template(template).substitute(
            title=escape(identity.title),
            favicon=escape(icons.get("light", NO_ICON)),
            icon=render_icon(identity, icons),
            description=_render_text("lead", identity.description),
            url=escape(settings.resource),
            login=_render_login(settings),
            note=_render_note(settings.landing_page_note),
            links=_render_links(clients),
            clients="\n".join(map(_render_client, clients)),
            about=_render_about(settings, identity),
        )
        return cls(html.encode(), {**PAGE_HEADERS, "content-security-policy": create_policy(template)})


def _render_text(css_class: str, text: str | None) -> str:
    return f'<p class="{css_class}">{escape(text.strip())}</p>' if text and text.strip() else ""


def _render_login(settings: Settings) -> str:
    host = urlsplit(settings.issuer).netloc
    text = f"Your client logs you in through WorkOS AuthKit, at <strong>{escape(host)}</strong>."
    if settings.require_organization:
        text += " Your account must belong to an organisation, which you choose there."
    if is_loopback(settings.base_url):
        text += " The server runs on this computer: use the address unchanged, from this computer only."
    return text


def _render_note(lines: Iterable[str]) -> str:
    text = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="note">{text}</div>' if text else ""


def _render_links(clients: Iterable[Client]) -> str:
    return "".join(
        f'<a class="add" href="{escape(client.link)}">Add to {escape(client.name)}</a>'
        for client in clients
        if client.link
    )


def _render_client(client: Client) -> str:
    lines = "".join(
        f'<div class="line"><code>{escape(line)}</code>'
        f'<button type="button" hidden aria-label="Copy for {escape(client.name)}">Copy</button></div>'
        for line in client.lines
    )
    summary = f'<summary><h3>{escape(client.name)}</h3><span class="hint">{escape(client.hint)}</span></summary>'
    return f'<details name="client">{summary}<div class="how"><p>{escape(client.steps)}</p>{lines}</div></details>'


def _render_about(settings: Settings, identity: Identity) -> str:
    instructions = _render_text("prose", identity.instructions)
    parts = [f"<h2>About this server</h2>{instructions}"] if instructions else []
    if address := settings.docs_url or identity.website_url:
        parts.append(
            f'<h2>Documentation</h2><p class="prose"><a href="{escape(address)}">{escape(address)}</a></p>'
        )
    return f"<section>{''.join(parts)}</section>" if parts else ""
