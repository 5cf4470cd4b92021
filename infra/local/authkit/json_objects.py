"""Read a JSON object from others, and refuse what could not be written as JSON again."""

import json


def read_object(content: bytes) -> dict[str, object]:
    """Read the object in the text.

    Raises:
        ValueError: if it is not JSON or not an object, has lone surrogates, NaN or infinity (RFC 8259
            sections 6 and 8.2), or is nested too deeply.
    """
    try:
        document = json.loads(content)
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - one error for the callers
    return document
