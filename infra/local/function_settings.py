"""The settings under which `make dev` runs the function: the same names as in production, local values."""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra.local.seed import Environment

INSPECTOR_ORIGINS = "http://localhost:6274 http://127.0.0.1:6274"
# What a developer may set in the shell to try it; the rest describes the local stack and is not theirs to set.
_OPTIONAL = (
    "ALLOWED_ORIGINS",
    "ALLOW_MACHINE_TOKENS",
    "DOCS_URL",
    "REQUIRED_SCOPES",
    "REQUIRE_ORGANIZATION",
    "TOKEN_AUDIENCE",
)


def function_settings(
    base_url: str, authkit_url: str, workos: Environment, request_state_key: str, shell: Mapping[str, str]
) -> dict[str, str]:
    return {
        "BASE_URL": base_url,
        "WORKOS_AUTHKIT_DOMAIN": authkit_url,
        "WORKOS_BASE_URL": authkit_url,
        "WORKOS_CLIENT_ID": workos.client_id,
        "WORKOS_API_KEY": workos.api_key,
        "REQUEST_STATE_KEY": request_state_key,
        "ALLOWED_ORIGINS": INSPECTOR_ORIGINS,
        **{name: shell[name] for name in _OPTIONAL if name in shell},
    }


def keep_request_state_key(state_dir: Path) -> str:
    """The key of this checkout, made at its first run: what it sealed outlives a restart."""
    file = state_dir / "request_state_key"
    if not file.exists():
        state_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii"), encoding="ascii")
    return file.read_text(encoding="ascii").strip()
