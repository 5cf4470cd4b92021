"""From a refusal to its HTTP answer: status, WWW-Authenticate challenge, and the same facts as JSON."""

import json

from fastapi.responses import Response

from app.auth.refusals import OriginRefused, Refusal, ScopeMissing, Uncheckable

DEFAULT_SCOPES = ("openid", "profile", "email")
"""What AuthKit grants to every client, and what a challenge asks for if the server requires no scope."""


class Challenge:
    """The challenges of one resource server (RFC 6750 section 3, RFC 9728 section 5.1).

    Every value in them comes from the settings or from a decorator: nothing of the request is repeated.
    """

    def __init__(self, metadata_url: str, scopes: tuple[str, ...]) -> None:
        self._metadata_url = metadata_url
        self._scopes = scopes or DEFAULT_SCOPES

    def answer(self, refusal: Refusal) -> Response:
        """Build the HTTP answer. Its body repeats the challenge, because API Gateway may rename the header."""
        body = {"error": refusal.error, "error_description": refusal.description}
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, Uncheckable):
            headers["retry-after"] = str(refusal.retry_after)
        elif not isinstance(refusal, OriginRefused):
            scope = " ".join(refusal.scopes if isinstance(refusal, ScopeMissing) else self._scopes)
            body |= {"resource_metadata": self._metadata_url, "scope": scope}
            headers["www-authenticate"] = _build_header(body, with_error=refusal.in_challenge)
        content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        return Response(content, refusal.status, headers, media_type="application/json")


def _build_header(body: dict[str, str], *, with_error: bool) -> str:
    names = ["error", "error_description"] if with_error else []
    names += ["resource_metadata", "scope"]
    return "Bearer " + ", ".join(f'{name}="{body[name]}"' for name in names)
