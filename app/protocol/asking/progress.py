"""How far a call has come: the answers so far, what was asked last, and what its function keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_types import INTERNAL_ERROR, ElicitResult, InputResponseRequestParams

from app.protocol.wire.errors import Failed

MOST_BYTES = 64 * 1024
"""Of the state, which goes out and comes back with each round trip."""


@dataclass(slots=True)
class Progress:
    """As the request state carries it, which the client can neither read nor change."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the key of the question, as the client gave them."""
    asked: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, params: InputResponseRequestParams | None) -> "Progress":
        """An answer counts only if the question was put: what else is sent along is ignored, as MRTR wants it."""
        progress = cls._read(params.request_state if params else None)
        given: Mapping[str, Any] = (params.input_responses if params else None) or {}
        for key in progress.asked:
            if isinstance(answer := given.get(key), ElicitResult):
                progress.answers[key] = {"action": answer.action, "content": answer.content}
        return progress

    @classmethod
    def _read(cls, state: str | None) -> "Progress":
        try:
            return cls(**json.loads(state)) if state else cls()
        except (TypeError, ValueError):
            # Another release of this function wrote it: the questions are put once more.
            return cls()

    def written(self, asked: list[str]) -> str:
        """Raises: Failed, for more than should travel."""
        state = json.dumps({"answers": self.answers, "asked": asked, "kept": self.kept}, separators=(",", ":"))
        if len(state) > MOST_BYTES:
            text = f"What would have to be remembered until the next answer is more than {MOST_BYTES // 1024} KiB."
            raise Failed(INTERNAL_ERROR, text)
        return state
