"""The browser of a client's user: `python -m tests.clients.browser LOG ADDRESS`.

It opens the address, submits the first form of each page of AuthKit, follows redirects, and ends at the page of
the client. Each page is a line of the log, so that a test sees what the user saw.
"""

import json
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.person import FirstForm

MAX_PAGES = 20


def browse(log: Path, address: str) -> None:
    with httpx2.Client(trust_env=False, timeout=60) as browser:
        page = browser.get(address)
        for _ in range(MAX_PAGES):
            note(log, page)
            if page.is_redirect:
                page = browser.get(urljoin(str(page.url), page.headers["location"]))
            elif urlsplit(str(page.url)).path.startswith("/login"):
                form = FirstForm(page.text)
                page = browser.post(urljoin(str(page.url), form.action or ""), data=form.fields)
            else:
                return
    raise SystemExit(f"the login did not end: {page.url}")


def note(log: Path, page: httpx2.Response) -> None:
    with log.open("a") as file:
        file.write(json.dumps({"url": str(page.url), "status": page.status_code, "text": page.text}) + "\n")


if __name__ == "__main__":
    browse(Path(sys.argv[1]), sys.argv[2])
