"""Patterns in schemas that JavaScript cannot read. The start refuses them, and names an equivalent.

Pydantic's patterns are Rust's or Python's. A client that compiles schemas with ajv loses the whole list of tools
to one that it cannot read. This file is imported only for schemas with patterns: compiling the patterns
that read them takes milliseconds.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.authoring.json_schema import patterns_in
from app.protocol.schemas.patterns import UnreadablePattern, check_pattern

_FLAG_LETTERS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s", re.VERBOSE: "x"}


def find_pattern_problem(schema: Mapping[str, Any], core_schema: Any) -> str | None:
    """The first pattern that JavaScript cannot read, its field and an equivalent; None if there is none.

    `core_schema` is pydantic's own of the same type, with the flags of compiled patterns, which JSON Schema lacks.
    """
    flags = find_flags(core_schema)
    for field, pattern in patterns_in(schema):
        lost = flags.get(pattern, "")
        try:
            check_pattern(pattern)
        except UnreadablePattern as error:
            reason = f"it has {error}"
        else:
            if not lost:
                continue
            reason = f"JSON Schema has no place for its flag {lost}"
        inline = f"(?{lost}){pattern}" if lost else pattern
        from app.protocol.schemas.pattern_fixes import find_equivalent  # as late as here, for the same reason

        found = find_equivalent(inline)
        fix = f"write {found!r}" if found else "write it without, or check it in a validator of your own"
        return f"JavaScript clients cannot read the pattern {pattern!r} of {field}: {reason}; {fix}"
    return None


def find_flags(core_schema: Any) -> dict[str, str]:
    """From each compiled pattern in pydantic's schema to its flags, as letters."""
    found: dict[str, str] = {}
    ahead = [core_schema]
    while ahead:
        part = ahead.pop()
        if isinstance(part, re.Pattern):
            found[part.pattern] = "".join(letter for flag, letter in _FLAG_LETTERS.items() if part.flags & flag)
        elif isinstance(part, Mapping):  # not only dict: pydantic may not have built it yet
            ahead += part.values()
        elif isinstance(part, list | tuple):
            ahead += part
    return found
