"""Errors whose texts a caller reads, and how those texts say what was expected of an argument.

Texts are written for a model or a person. They never repeat what the caller sent.
"""

import re
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR


class NotOffered(Exception):
    """Answer exactly as for something that does not exist: the caller may not learn that it does."""


class CallFailed(MCPError):
    """The call failed; the message is for the caller."""


class LimitReached(MCPError):
    """The call ran out of time, or its result is too large. The message is for the caller."""

    def __init__(self, message: str) -> None:
        super().__init__(code=INTERNAL_ERROR, message=message)


_EXPECTED = {
    "bool": "should be true or false",
    "dataclass": "should be an object",
    "date_": "should be a date, as YYYY-MM-DD",
    "datetime_": "should be a date and time, such as 2026-11-23T09:30:00Z",
    "decimal_parsing": "should be a number",
    "decimal_type": "should be a number",
    "dict_type": "should be an object",
    "float": "should be a number",
    "frozen_set_type": "should be a list",
    "int_": "should be a whole number",
    "list_type": "should be a list",
    "missing": "is required",
    "model": "should be an object",
    "set_type": "should be a list",
    "string_type": "should be text",
    "time_delta": "should be a duration, such as PT1H30M",
    "time_parsing": "should be a time, such as 09:30:00",
    "time_type": "should be a time, such as 09:30:00",
    "timezone_aware": "should be a date and time with its time zone, such as 2026-11-23T09:30:00Z",
    "tuple_type": "should be a list",
    "url_parsing": "should be a URL, such as https://example.com",
    "url_type": "should be a URL, such as https://example.com",
    "uuid_parsing": "should be a UUID",
    "uuid_type": "should be a UUID",
    "extra_forbidden": "is not known here",
}
"""What was expected, by the beginning of pydantic's error type."""


def describe_expectation(problem: Any) -> str:
    """What was expected of a value, from one of pydantic's error details, such as "should be a number".

    Pydantic's own message stays where it is plain enough.
    """
    kind, message = problem["type"], problem["msg"]
    if kind == "union_tag_invalid":  # pydantic's message repeats what the caller wrote
        about = problem["ctx"]
        return f"should have one of these as its {about['discriminator']}: {about['expected_tags']}"
    if not kind.endswith(("_past", "_future")):  # a date, but on the wrong side of today: pydantic says which
        for beginning, expected in _EXPECTED.items():
            if kind.startswith(beginning):
                return expected
    if kind in ("value_error", "assertion_error"):
        return str(message.partition(", ")[2])  # the text of the author's own validator
    return re.sub(r"^\w+ (?=should )", "", message)
