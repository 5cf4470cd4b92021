"""What was expected of an argument, in words that a model or person understands, and never in the caller's own."""

import re
from typing import Any

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
"""By the beginning of pydantic's error type."""


def expectation(problem: Any) -> str:
    """Of one of pydantic's errors; where its own words will do, those."""
    kind, said = problem["type"], problem["msg"]
    if kind == "union_tag_invalid":  # pydantic's words repeat what the caller wrote
        about = problem["ctx"]
        return f"should have one of these as its {about['discriminator']}: {about['expected_tags']}"
    if not kind.endswith(("_past", "_future")):  # what is no date at all has another type
        for beginning, expected in _EXPECTED.items():
            if kind.startswith(beginning):
                return expected
    if kind in ("value_error", "assertion_error"):
        return str(said.partition(", ")[2])  # what the author's own validator says
    return re.sub(r"^\w+ (?=should )", "", said)
