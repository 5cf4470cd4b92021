"""Read JSON that others wrote: an object that can be written again, or nothing."""

import json


def read_object(content: bytes) -> dict[str, object]:
    """The object in the text.

    Raises:
        ValueError: for anything else: no JSON, no object, lone surrogates, NaN and infinity (RFC 8259
            sections 6 and 8.2), more nesting than the interpreter follows.
    """
    try:
        document = json.loads(content)
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - one error for the callers
    return document
