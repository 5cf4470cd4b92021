"""An HTTP answer as a client sees it."""

import json
from dataclasses import dataclass
from typing import Any

from conformance.auth.challenge import Challenge, bearer_challenge


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    fields: tuple[tuple[str, str], ...]
    """Header fields in their order, names in lower case."""
    text: str
    seconds: float

    def field(self, name: str) -> str:
        """The value of a header field; an empty string if it is absent."""
        return ", ".join(value for found, value in self.fields if found == name)

    @property
    def challenge(self) -> Challenge | None:
        return bearer_challenge([value for name, value in self.fields if name == "www-authenticate"])

    @property
    def json(self) -> Any:
        """The document in the body; None if it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def message(self) -> dict[str, Any]:
        """The JSON-RPC response, sent as one object or as the last event of a stream."""
        data = [line[5:] for line in self.text.splitlines() if line.startswith("data:")]
        found = json.loads(data[-1]) if data and "event-stream" in self.field("content-type") else self.json
        return found if isinstance(found, dict) else {}

    @property
    def is_served(self) -> bool:
        """The request reached what the token protects."""
        return self.status == 200 and "result" in self.message

    @property
    def told(self) -> str:
        """The answer in a few words, with nothing in it that is different next time."""
        if self.is_served:
            return "200, a tool error" if self.message["result"].get("isError") else "200, served"
        if "error" in self.message and isinstance(self.message["error"], dict):
            return f"{self.status}, JSON-RPC error {self.message['error'].get('code')}"
        error = self.challenge.error if self.challenge else None
        return f"{self.status} {error}" if error else str(self.status)
