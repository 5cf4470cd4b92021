"""What every answer and every log line must be, whatever was asked."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from tests.hostile.calls import MARK
from tests.hostile.requests import Message
from tests.rig import Answer

STATUSES = {"POST": {200, 202, 400, 401, 403, 404, 413}, "OPTIONS": {204, 400, 403}}
OTHERS = {400, 401, 403, 405}
LAMBDA_LIMIT = 6 * 1024 * 1024
INTERNALS = ("Traceback", "site-packages", ".py", "ValidationError", "pydantic", "mcp.server")
ECHOED = {"id", "uri", "progressToken"}
"""Members that repeat what was sent because the protocol wants it."""


def check_form(answer: Answer, sent: Message) -> None:
    """A status of the contract, and a body of the form that belongs to it."""
    assert answer.status in STATUSES.get(sent.method, OTHERS), answer
    assert len(json.dumps(answer.text)) < LAMBDA_LIMIT
    if answer.status == 200 and not sent.mislabelled:
        strict(sent.body)  # what is no JSON is never served
    if answer.status in (202, 204, 405):
        assert answer.text in ("", '{"detail":"Method Not Allowed"}')
    elif answer.headers["content-type"].startswith("text/event-stream"):
        for said in events(answer.text):
            check_message(said, answer, sent)
    elif "jsonrpc" in (body := strict(answer.text)):
        check_message(body, answer, sent)
    else:
        assert answer.status in (400, 401, 403)
        assert {"error", "error_description"} <= set(body)


def check_message(said: Any, answer: Answer, sent: Message) -> None:
    assert said["jsonrpc"] == "2.0"
    if "method" in said:
        assert said["method"] in ("notifications/progress", "notifications/message")
        return
    assert said["id"] in (None, asked_id(sent))
    if "error" in said:
        assert set(said) == {"jsonrpc", "id", "error"}
        assert isinstance(said["error"]["code"], int)
        assert said["error"]["message"]
        assert answer.status in (200, 400, 404, 413)
    else:
        assert set(said) == {"jsonrpc", "id", "result"}
        assert isinstance(said["result"], dict)
        assert (answer.status, said["id"]) == (200, asked_id(sent))


def check_silence(answer: Answer, forbidden: Iterable[str]) -> None:
    """Nothing internal, nothing of the other caller, and of what was sent only what the protocol wants back."""
    whole = answer.text + json.dumps(dict(answer.headers))
    assert [word for word in (*INTERNALS, *forbidden) if word in whole] == []
    assert MARK not in without_echoes(answer)


def check_log(text: str, forbidden: Iterable[str]) -> None:
    """JSON lines; nothing unexpected happened, and no value of a caller is in them."""
    lines = [strict(line) for line in text.splitlines()]
    assert [word for word in forbidden if word in text] == []
    for line in lines:
        if line["message"] in ("tool raised", "prompt raised", "resource raised"):
            # The one place for an exception's text; its author may have put anything into it.
            assert "raises" in line.values()
        else:
            assert "exception" not in line, line
            assert line["level"] in ("INFO", "WARNING"), line
            assert MARK not in json.dumps(line)


def events(text: str) -> list[Any]:
    """The messages of an SSE body (HTML, server-sent events, section 9.2.5)."""
    frames = text.split("\r\n\r\n")
    assert frames.pop() == ""
    said = []
    for frame in frames:
        kind, data = frame.split("\r\n")
        assert kind == "event: message"
        said.append(strict(data.removeprefix("data: ")))
    return said


def without_echoes(answer: Answer) -> str:
    try:
        body = json.loads(answer.text)
    except ValueError:
        body = events(answer.text) if answer.text else None
    return json.dumps([_pruned(body), dict(answer.headers)])


def asked_id(sent: Message) -> Any:
    try:
        body = json.loads(sent.body or "")
    except (ValueError, RecursionError):
        return None
    return body.get("id") if isinstance(body, dict) else None


def strict(text: str | bytes | None) -> Any:
    return json.loads(text or "", parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is not JSON")


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(part) for key, part in value.items() if key not in ECHOED}
    return [_pruned(part) for part in value] if isinstance(value, list) else value
