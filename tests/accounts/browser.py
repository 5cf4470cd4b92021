"""A person's browser on the way from a server's URL over WorkOS and the provider back to the server."""

from urllib.parse import urljoin

import httpx2

from tests.person import FirstForm


class Browser:
    """Submits the first form of each page, with the fields that a test changes; None takes a field out."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.pages: list[str] = []
        self._transport = transport

    async def read(self, address: str) -> httpx2.Response:
        """Open one page and do nothing there."""
        async with self._open() as http:
            return await http.get(address)

    async def connect(self, address: str, *, until: str, **fields: str | None) -> str:
        """Open the address, go on from page to page, and return where it leaves them: an address beginning so."""
        async with self._open() as http:
            response = await http.get(address)
            for _ in range(10):
                if response.is_redirect:
                    address = urljoin(str(response.url), response.headers["location"])
                    if address.startswith(until):
                        return address
                    response = await http.get(address)
                    continue
                assert response.status_code == 200, response.text
                self.pages.append(response.text)
                form = FirstForm(response.text)
                sent = {name: fields.get(name, value) for name, value in form.fields.items()}
                given = {name: value for name, value in sent.items() if value is not None}
                response = await http.post(urljoin(str(response.url), form.action or ""), data=given)
        raise AssertionError(f"it did not end: {response.url}")

    def _open(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=self._transport, trust_env=False)
