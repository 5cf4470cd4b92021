"""`/`: what this is, for whoever opens the address in a browser."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from infra.local.authkit.pages import Pages


@dataclass(frozen=True, slots=True)
class FrontPage:
    pages: Pages

    async def answer(self, _request: Request) -> Response:
        return self.pages.render("front.html")
