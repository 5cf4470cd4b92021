"""The function's log as an operator reads it: JSON lines."""

import json
from collections.abc import Callable
from typing import Any

Log = Callable[..., list[dict[str, Any]]]
"""`log("refused")` gives the lines with that message, `log()` gives all."""


def lines_of(text: str, message: str | None = None) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if message is None or line["message"] == message]
