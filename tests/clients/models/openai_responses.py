"""OpenAI's Responses API, as Codex uses it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.clients.models.model import NAME, Call, Conversation, Json, Say, text_of

USAGE = {
    "input_tokens": 1,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 2,
}


class Responses:
    """https://platform.openai.com/docs/api-reference/responses"""

    def read(self, path: str, body: Mapping[str, Any]) -> Conversation:
        last = body["input"][-1] if isinstance(body["input"], list) else {}
        return Conversation(
            tools=list(_names(body.get("tools") or [])),
            answer=text_of(last["output"]) if last.get("type") == "function_call_output" else None,
            is_streamed=body.get("stream", False),
        )

    def answer(self, step: Call | Say) -> Json:
        return {**_response("completed"), "output": [_item(step)], "usage": USAGE}

    def stream(self, step: Call | Say) -> Iterator[tuple[str, Json]]:
        events: list[Json] = [
            {"type": "response.created", "response": {**_response("in_progress"), "output": []}},
            {"type": "response.output_item.added", "output_index": 0, "item": _item(step)},
            {"type": "response.output_item.done", "output_index": 0, "item": _item(step)},
            {"type": "response.completed", "response": self.answer(step)},
        ]
        for number, event in enumerate(events):
            yield event["type"], {**event, "sequence_number": number}


def _names(tools: list[Json]) -> Iterator[str]:
    """Names of functions, those inside a namespace as `namespace/name`."""
    for tool in tools:
        if tool["type"] == "namespace":
            yield from (f"{tool['name']}/{each['name']}" for each in tool["tools"])
        elif "name" in tool:
            yield tool["name"]


def _response(status: str) -> Json:
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": NAME}


def _item(step: Call | Say) -> Json:
    if isinstance(step, Call):
        namespace, _, name = step.tool.rpartition("/")
        call = {
            "type": "function_call",
            "id": f"fc_{step.number}",
            "call_id": f"call_{step.number}",
            "status": "completed",
        }
        return {
            **call,
            "name": name,
            "arguments": json.dumps(step.arguments),
            **({"namespace": namespace} if namespace else {}),
        }
    text = {"type": "output_text", "text": step.text, "annotations": []}
    return {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [text]}
