"""Google's Gemini API, as Gemini CLI uses it."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.clients.models.model import Call, Conversation, Json, Say, text_of


class GenerateContent:
    """https://ai.google.dev/api/generate-content"""

    def read(self, path: str, body: Mapping[str, Any]) -> Conversation:
        answers = [part for part in body["contents"][-1]["parts"] if "functionResponse" in part]
        groups = body.get("tools") or []
        return Conversation(
            tools=[each["name"] for group in groups for each in group.get("functionDeclarations", [])],
            answer=text_of(answers[-1]["functionResponse"]["response"]) if answers else None,
            is_streamed=path.endswith(":streamGenerateContent"),
        )

    def answer(self, step: Call | Say) -> Json:
        part = (
            {"functionCall": {"name": step.tool, "args": step.arguments}}
            if isinstance(step, Call)
            else {"text": step.text}
        )
        candidate = {"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        return {"candidates": [candidate], "usageMetadata": usage}

    def stream(self, step: Call | Say) -> Iterator[tuple[None, Json]]:
        yield None, self.answer(step)
