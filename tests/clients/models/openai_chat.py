"""OpenAI's Chat Completions API, which most programs speak to a model of one's own."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clients.models.model import NAME, Call, Conversation, Json, Say, text_of

USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


class ChatCompletions:
    """https://platform.openai.com/docs/api-reference/chat"""

    def read(self, path: str, body: Mapping[str, Any]) -> Conversation:
        last = body["messages"][-1]
        return Conversation(
            tools=[tool["function"]["name"] for tool in body.get("tools") or [] if "function" in tool],
            answer=text_of(last["content"]) if last["role"] == "tool" else None,
            is_streamed=body.get("stream", False),
        )

    def answer(self, step: Call | Say) -> Json:
        choice = {"index": 0, "message": _message(step), "finish_reason": _reason(step)}
        return {**_about("chat.completion"), "choices": [choice], "usage": USAGE}

    def stream(self, step: Call | Say) -> Iterator[tuple[None, Json]]:
        about = _about("chat.completion.chunk")
        first = {"index": 0, "delta": _message(step), "finish_reason": None}
        yield None, {**about, "choices": [first]}
        yield None, {**about, "choices": [{"index": 0, "delta": {}, "finish_reason": _reason(step)}]}
        yield None, {**about, "choices": [], "usage": USAGE}


def _about(kind: str) -> Json:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": NAME}


def _reason(step: Call | Say) -> str:
    return "tool_calls" if isinstance(step, Call) else "stop"


def _message(step: Call | Say) -> Json:
    if isinstance(step, Say):
        return {"role": "assistant", "content": step.text}
    function = {"name": step.tool, "arguments": json.dumps(step.arguments)}
    call = {"index": 0, "id": f"call_{step.number}", "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}
