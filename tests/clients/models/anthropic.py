"""Anthropic's Messages API, as Claude Code uses it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clients.models.model import NAME, Call, Conversation, Json, Say, text_of

USAGE = {"input_tokens": 1, "output_tokens": 1}


class Messages:
    """https://platform.claude.com/docs/en/api/messages"""

    def read(self, path: str, body: Mapping[str, Any]) -> Conversation:
        last = body["messages"][-1]["content"]
        results = [each for each in last if each["type"] == "tool_result"] if isinstance(last, list) else []
        return Conversation(
            tools=[tool["name"] for tool in body.get("tools", [])],
            answer=text_of(results[-1]["content"]) if results else None,
            is_streamed=body.get("stream", False),
        )

    def answer(self, step: Call | Say) -> Json:
        return {**_message(step), "content": [_block(step)], "usage": USAGE}

    def stream(self, step: Call | Say) -> Iterator[tuple[str, Json]]:
        message = {**_message(step), "content": [], "stop_reason": None, "usage": USAGE}
        stop = {"stop_reason": _message(step)["stop_reason"], "stop_sequence": None}
        block, delta = _block(step), {"type": "input_json_delta", "partial_json": "{}"}
        if isinstance(step, Call):
            delta["partial_json"] = json.dumps(step.arguments)
        if isinstance(step, Say):
            block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": step.text}
        for event in (
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}},
            {"type": "message_stop"},
        ):
            yield str(event["type"]), event


def _message(step: Call | Say) -> Json:
    reason = "tool_use" if isinstance(step, Call) else "end_turn"
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": NAME}
    return {**about, "stop_reason": reason, "stop_sequence": None}


def _block(step: Call | Say) -> Json:
    if isinstance(step, Say):
        return {"type": "text", "text": step.text}
    return {"type": "tool_use", "id": f"toolu_{step.number}", "name": step.tool, "input": step.arguments}
