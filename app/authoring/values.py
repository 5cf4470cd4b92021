"""Checks of what authors give: each error names the argument and the fix, and repeats no value."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

MOST_BYTES = 4_500_000
"""In one piece: base64 makes 6 MB of it, which is what Lambda passes on."""

# RFC 6838 section 4.2, with the parameters of RFC 2045 section 5.1.
_NAME = r"[\w!#$&^.+-]+"
_MIME_TYPE = re.compile(rf'{_NAME}/{_NAME}([ \t]*;[ \t]*{_NAME}=({_NAME}|"[ !#-\[\]-~]*"))*', re.ASCII)
# RFC 3986 section 3.1, then anything printable.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
# What runs a script in the client that opens it.
_SCRIPT = re.compile(r"(javascript|vbscript):|data:[^,]*(ht|x)ml", re.IGNORECASE)
# MCP basic, General fields, _meta: an optional prefix of labels ending in a slash, then a name.
_META_KEY = re.compile(r"(?:(?P<prefix>[A-Za-z][A-Za-z0-9.-]*)/)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)


class ContentError(ValueError):
    """What was given cannot be sent; the text says what to give instead, and is fit for callers."""


def check_mime_type(value: str, *, kind: str = "") -> None:
    """`kind` is what it must begin with, such as "image"."""
    if not _MIME_TYPE.fullmatch(value) or not value.startswith(f"{kind}/" if kind else ""):
        example = {"image": "image/png", "audio": "audio/wav"}.get(kind, "text/markdown")
        raise ContentError(f'mime_type is no MIME type of this content; write "{example}", for example')


def check_uri(value: str) -> None:
    if not _URI.fullmatch(value):
        raise ContentError('uri is no URI; write "report://2026" or "https://example.com/report", for example')
    if _SCRIPT.match(value):
        raise ContentError("uri is a script or a page of its own; give the address of a resource")


def check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise ContentError(
            f"This content is larger than {MOST_BYTES / 1e6:g} MB, and an answer holds 6 MB in all; "
            "make it smaller, or return a Link to it"
        )


def decoded(text: str) -> bytes:
    """The bytes of base64 (RFC 4648 section 4, padded, without line breaks)."""
    check_size(len(text) * 3 // 4)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ContentError("data is text that is no base64; give the bytes themselves, or padded base64") from None


def check_meta(meta: Mapping[str, Any] | None) -> None:
    """Vendors' keys: `example.com/name`. The protocol's own prefixes are the protocol's to use."""
    for key in meta or ():
        found = _META_KEY.fullmatch(key)
        labels = (found["prefix"] or "").split(".") if found else []
        # Reserved: a prefix whose second label is mcp or modelcontextprotocol; "ui" is MCP Apps'.
        if found is None or {"mcp", "modelcontextprotocol"} & set(labels[1:2]) or key in ("ui", "ui/resourceUri"):
            raise ContentError('meta has a key that is not yours to use; write "example.com/name", for example')
