"""Render HTML pages: four small templates, one inline stylesheet, no script."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

TEMPLATES = Path(__file__).with_name("templates")

ERRORS = {
    "application_not_found": (
        "Application not found",
        (
            "No application with this client_id is registered here. A client registered with another "
            "AuthKit, or before the local state was deleted, has to register again. A client_id that is the "
            "address of a document needs CIMD=1 make dev; if it could not be read, the terminal says why."
        ),
    ),
    "redirect_uri_not_registered": (
        "Redirect address not registered",
        (
            "The client asked to be called back at an address it did not register. Redirect addresses "
            "are compared character by character; of one on this machine any port is taken."
        ),
    ),
    "login_expired": (
        "This login is over",
        "It was finished already, or it waited for more than ten minutes. Start again from your client.",
    ),
    "choice_not_possible": (
        "This choice is not possible",
        "The user or organization that was sent is not one of those offered. Go back and choose again.",
    ),
}
UNKNOWN_ERROR = ("Something is wrong with this request", "Start again from your client.")


class Pages:
    def __init__(self, *folders: Path) -> None:
        """Templates come from `folders`, and from here."""
        style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        self._templates = Environment(
            loader=FileSystemLoader([*folders, TEMPLATES]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._templates.globals["style"] = Markup(style)  # noqa: S704 - our own file
        self._headers = _headers(style)

    def render(self, template: str, status: int = 200, **values: object) -> Response:
        html = self._templates.get_template(template).render(values)
        return HTMLResponse(html, status, self._headers)

    def error(self, code: str) -> Response:
        """Render an error. Known codes have a text of their own; the caller's words are never shown."""
        title, text = ERRORS.get(code, UNKNOWN_ERROR)
        return self.render("error.html", 400, title=title, text=text, code=code if code in ERRORS else "")


def _headers(style: str) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # Without form-action: browsers would apply it to the redirect to the client at the end of a login.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
