"""Keep the key of request state on disk, so that open questions survive a restart of `make dev`."""

import base64
import re
import secrets
from pathlib import Path

from infra.local.authkit.state_file import StateError, write_private

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def keep_request_state_key(state_dir: Path) -> str:
    """Read the key of this stack; its first run makes the key.

    Raises:
        StateError: if the file does not contain a key.
    """
    file = state_dir / "request_state_key"
    if not file.exists():
        write_private(file, base64.urlsafe_b64encode(secrets.token_bytes(32)))
    key = file.read_bytes().decode("ascii", errors="replace").strip()
    if not _is_key(key):
        raise StateError(file, "it is no base64url key of 32 bytes")
    return key


def _is_key(text: str) -> bool:
    unpadded = text.rstrip("=")
    # No base64 text has 4n + 1 characters (RFC 4648 section 4).
    if not _BASE64URL.fullmatch(text) or len(unpadded) % 4 == 1:
        return False
    return len(base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4))) >= 32
