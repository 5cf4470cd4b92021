"""The page for people as a test asks for it and reads it."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from tests.rig import IDENTITY, SETTINGS, Answer, Rig

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""The `Accept` of a browser."""
PATHS = ["/", "/mcp", "/mcp/"]
DOT = "data:image/png;base64,iVBORw0KGgo="
EMPTY_TAGS = {"meta", "link", "input", "img", "source"}


class Page(HTMLParser):
    """Reads a page as strictly as an XML reader would, and keeps what it found."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def browse(rig: Rig, path: str = "/", **headers: str) -> Answer:
    return rig.request("GET", path, headers={"accept": CHROMIUM, **headers})


def read(**changes: Any) -> Page:
    identity = changes.pop("identity", IDENTITY)
    return Page(browse(Rig(settings=replace(SETTINGS, **changes), identity=identity)).text)
