"""Read JSON bodies and their fields, by name and type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from infra.local.authkit.errors import OAuthError
from infra.local.authkit.parameters import bounded_body
from infra.local.workos_api.errors import ApiError, InvalidParameters


@dataclass(frozen=True, slots=True)
class Body:
    """An object in a request. Each error names the field by its path."""

    values: Mapping[str, object]
    path: str = ""

    def field(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, *names: str) -> None:
        for name in self.values:
            if name not in names:
                raise InvalidParameters(self.field(name), "unknown")

    def text(self, name: str) -> str:
        value = self._required(name)
        if not isinstance(value, str) or not value:
            raise InvalidParameters(self.field(name), why="It must be a non-empty string.")
        return value

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if name in self.values else None

    def nested(self, name: str) -> "Body":
        return self._nested(self._required(name), self.field(name))

    def all_nested(self, name: str) -> list["Body"]:
        value = self._required(name)
        if not isinstance(value, list):
            raise InvalidParameters(self.field(name), why="It must be an array.")
        return [self._nested(each, f"{self.field(name)}[{place}]") for place, each in enumerate(value)]

    def _required(self, name: str) -> object:
        if name not in self.values:
            raise InvalidParameters(self.field(name), "required")
        return self.values[name]

    @staticmethod
    def _nested(value: object, path: str) -> "Body":
        if not isinstance(value, dict):
            raise InvalidParameters(path, why="It must be an object.")
        return Body(value, path)


async def read_body(request: Request) -> Body:
    """Read the body of the request.

    Raises:
        ApiError: if it is not a JSON object, or larger than any call of the API needs.
    """
    try:
        values = json.loads(await bounded_body(request), parse_constant=_refuse)
    except (ValueError, RecursionError, OAuthError):
        raise ApiError(400, "The body is not JSON.", "bad_request") from None
    if not isinstance(values, dict):
        raise ApiError(400, "The body is not a JSON object.", "bad_request")
    return Body(values)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
