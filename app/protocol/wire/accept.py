"""What an Accept field has room for."""

import re
from functools import lru_cache

JSON = "application/json"
EVENTS = "text/event-stream"

_NEVER = re.compile(r"q=0(\.0*)?")


@lru_cache(maxsize=32)  # clients of one kind all send the same
def takes(accept: str, media_type: str) -> bool:
    """Whether the client takes it; without the field it takes anything (RFC 9110 section 12.5.1)."""
    if not accept.strip():
        return True
    known = dict(_ranges(accept))
    kind = media_type.partition("/")[0]
    # The more a range says, the more it counts: `text/event-stream;q=0, */*` is no.
    return next((known[name] for name in (media_type, f"{kind}/*", "*/*") if name in known), False)


def _ranges(accept: str) -> list[tuple[str, bool]]:
    found = []
    for each in accept.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        found.append((name, not any(_NEVER.fullmatch(parameter) for parameter in parameters)))
    return found
