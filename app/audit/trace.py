"""The client's own trace, so that its spans and our records can be joined."""

import re

# W3C Trace Context section 3.2.2: version 00; neither id is all zeros.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def traceparent(*candidates: object) -> str | None:
    """The first that is one; anything else is the caller's own text, and not repeated."""
    for each in candidates:
        if isinstance(each, str) and _TRACEPARENT.fullmatch(each):
            return each
    return None
