"""From a refusal to its answer: status, WWW-Authenticate challenge, and the same facts as JSON."""

import json

from fastapi.responses import Response

from app.auth.refusals import KeysUnavailable, OriginRefused, Refusal, ScopeMissing

DEFAULT_SCOPES = ("openid", "profile", "email")
"""What AuthKit grants to every client, and what a challenge asks for where nothing is required."""


class Challenge:
    """The challenges of one resource server (RFC 6750 section 3, RFC 9728 section 5.1).

    Every value in them comes from the settings: nothing of the request is repeated.
    """

    def __init__(self, metadata_url: str, scopes: tuple[str, ...]) -> None:
        self._metadata_url = metadata_url
        self._scopes = scopes or DEFAULT_SCOPES
        self._answers: dict[type[Refusal], tuple[bytes, dict[str, str]]] = {}

    def answer(self, refusal: Refusal) -> Response:
        """The whole HTTP answer; a body, because a gateway may rename the header."""
        body, headers = self._answers.get(type(refusal)) or self._made(refusal)
        return Response(body, refusal.status, headers, media_type="application/json")

    def _made(self, refusal: Refusal) -> tuple[bytes, dict[str, str]]:
        body = {"error": refusal.error, "error_description": refusal.description}
        headers = {"cache-control": "no-store"}
        if isinstance(refusal, KeysUnavailable):
            headers["retry-after"] = str(refusal.retry_after)
        elif not isinstance(refusal, OriginRefused):
            scope = " ".join(refusal.scopes if isinstance(refusal, ScopeMissing) else self._scopes)
            body |= {"resource_metadata": self._metadata_url, "scope": scope}
            headers["www-authenticate"] = _header(body, with_error=refusal.in_challenge)
        made = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(), headers
        if not isinstance(refusal, KeysUnavailable | ScopeMissing):  # those differ from one to the next
            self._answers[type(refusal)] = made
        return made


def _header(body: dict[str, str], *, with_error: bool) -> str:
    names = ["error", "error_description"] if with_error else []
    return "Bearer " + ", ".join(f'{name}="{body[name]}"' for name in [*names, "resource_metadata", "scope"])
