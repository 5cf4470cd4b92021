"""`/`: a page that explains the stand-in to a person who opens its address."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from infra.local.authkit.pages import Pages


@dataclass(frozen=True, slots=True)
class FrontPage:
    pages: Pages

    async def answer(self, _request: Request) -> Response:
        return self.pages.render("front.html")
