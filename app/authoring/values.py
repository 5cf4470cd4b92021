"""Checks of the values that authors give. Each error names the argument and the fix, and repeats no value."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from app.authoring.errors import ContentError

MAX_CONTENT_BYTES = 4_500_000
"""In one piece of content: as base64 it is 6 MB, the most that Lambda returns (AWS Lambda quotas)."""

# RFC 6838 section 4.2, with the parameters of RFC 2045 section 5.1.
_NAME = r"[\w!#$&^.+-]+"
_MIME_TYPE = re.compile(rf'{_NAME}/{_NAME}([ \t]*;[ \t]*{_NAME}=({_NAME}|"[ !#-\[\]-~]*"))*', re.ASCII)
# RFC 3986 section 3.1, then anything printable.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
# Addresses that run a script in the client that opens them.
_SCRIPT = re.compile(r"(javascript|vbscript):|data:[^,]*(ht|x)ml", re.IGNORECASE)
# MCP basic, General fields, _meta: an optional prefix of labels that ends in a slash, then a name.
_META_KEY = re.compile(r"(?:(?P<prefix>[A-Za-z][A-Za-z0-9.-]*)/)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)


def check_mime_type(value: str, *, kind: str = "") -> None:
    """Check a MIME type; with `kind`, such as "image", its first half must be that.

    Raises:
        ContentError: it is not a MIME type, or of another kind.
    """
    if not _MIME_TYPE.fullmatch(value) or not value.startswith(f"{kind}/" if kind else ""):
        example = {"image": "image/png", "audio": "audio/wav"}.get(kind, "text/markdown")
        raise ContentError(f'mime_type is not a MIME type of this content; write "{example}", for example')


def check_uri(value: str) -> None:
    """Raises: ContentError, for text that is not a URI, or a URI that runs a script."""
    if not _URI.fullmatch(value):
        raise ContentError('uri is not a URI; write "report://2026" or "https://example.com/report", for example')
    if _SCRIPT.match(value):
        raise ContentError("uri is a script or a page of its own; give the address of a resource")


def check_size(size: int) -> None:
    """Raises: ContentError, if `size`, in bytes, is more than an answer can hold."""
    if size > MAX_CONTENT_BYTES:
        raise ContentError(
            f"This content is larger than {MAX_CONTENT_BYTES / 1e6:g} MB, and an answer holds 6 MB in all; "
            "make it smaller, or return a Link to it"
        )


def decode_base64(text: str) -> bytes:
    """The bytes of padded base64 without line breaks (RFC 4648 section 4).

    Raises:
        ContentError: the text is not base64, or stands for more bytes than an answer can hold.
    """
    check_size(len(text) * 3 // 4)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ContentError("data is text but not base64; give the bytes themselves, or padded base64") from None


def check_meta(meta: Mapping[str, Any] | None) -> None:
    """Check keys such as `example.com/name`. MCP reserves some prefixes for itself (basic, _meta).

    Raises:
        ContentError: a key is malformed or reserved.
    """
    for key in meta or ():
        found = _META_KEY.fullmatch(key)
        labels = (found["prefix"] or "").split(".") if found else []
        # Reserved: a prefix whose second label is mcp or modelcontextprotocol. "ui" belongs to MCP Apps.
        if found is None or {"mcp", "modelcontextprotocol"} & set(labels[1:2]) or key in ("ui", "ui/resourceUri"):
            raise ContentError('meta has a key that is not yours to use; write "example.com/name", for example')
