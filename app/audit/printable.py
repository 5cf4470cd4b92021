"""Somebody else's text as a log can hold it: of bounded length, and nothing in it that is not seen."""


def printable(text: str, limit: int) -> str:
    """The text cut to `limit` characters; what cannot be printed becomes U+FFFD.

    A lone surrogate could not be encoded: the line, and with it the record, would be lost.
    """
    text = text[:limit]
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)
