"""The made-up user's replies to the questions of tools."""

from collections.abc import Mapping
from typing import Any

from mcp_types import ElicitRequestParams, ElicitResult
from pydantic import BaseModel

from app.authoring import Cancelled
from app.authoring.testing import CANNOT, Answers, NoAnswerPrepared, Reply


class Replies:
    """The elicitation callback of the SDK's client."""

    def __init__(self, answers: Answers) -> None:
        self._answers = list(answers) if isinstance(answers, list | tuple) else answers
        self.questions: list[str] = []

    @property
    def can_ask(self) -> bool:
        """Whether the client declares that it can ask its user."""
        return self._answers is not CANNOT

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        """Raises: NoAnswerPrepared, which ends the call."""
        self.questions.append(params.message)
        reply = self._find(params.message)
        if reply is None:
            raise NoAnswerPrepared(
                f"the user was asked {params.message!r}, and the test has no answer: give answers=[...] one for "
                "each question, or answers=CANNOT for a client that cannot ask"
            )
        if isinstance(reply, Exception):
            return ElicitResult(action="cancel" if isinstance(reply, Cancelled) else "decline")
        content = reply.model_dump(mode="json") if isinstance(reply, BaseModel) else dict(reply)
        return ElicitResult(action="accept", content=content if params.mode == "form" else None)

    def _find(self, question: str) -> Reply | None:
        answers = self._answers
        if isinstance(answers, list):
            return answers.pop(0) if answers else None
        if isinstance(answers, Mapping):
            return next((reply for part, reply in answers.items() if part in question), None)
        return answers(question) if callable(answers) else None
