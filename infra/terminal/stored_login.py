"""A login that is kept between commands: one file for each server, which only its owner can read."""

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import OAuthClientInformationFull, OAuthMetadata, OAuthToken, ProtectedResourceMetadata
from pydantic import BaseModel, ValidationError

_FOLDER = Path(__file__).parents[2] / ".local" / "logins"
REFRESH_MARGIN_SECONDS = 30.0
"""A token that ends this soon is refreshed first, because the call itself may take as long."""


def find_logins(environment: Mapping[str, str]) -> Path:
    """The folder of the logins: LOGIN_FOLDER, or one in this checkout that git ignores."""
    return Path(environment.get("LOGIN_FOLDER") or _FOLDER).expanduser()


class _Login(BaseModel):
    """The content of the file."""

    server_url: str
    client: OAuthClientInformationFull | None = None
    tokens: OAuthToken | None = None
    expires_at: float | None = None
    """Seconds since 1970."""
    authorization_server: OAuthMetadata | None = None
    protected_resource: ProtectedResourceMetadata | None = None


class StoredLogin:
    """The SDK's TokenStorage, on a file.

    The SDK stores neither when a token ends nor where the next one comes from. Without both it would send an old
    token and, when that is refused, open the browser instead of refreshing.
    """

    def __init__(self, url: str, folder: Path, clock: Callable[[], float] = time.time) -> None:
        host = re.sub(r"[^a-z0-9.]+", "-", url.partition("://")[2].lower()).strip("-")
        self.file = folder / f"{host[:80]}-{hashlib.sha256(url.encode()).hexdigest()[:8]}.json"
        self._clock = clock
        self._login = self._read(url)
        self._context: OAuthContext | None = None
        self._lock: IO[bytes] | None = None

    @property
    def has_client(self) -> bool:
        return self._login.client is not None

    @property
    def has_tokens(self) -> bool:
        return self._login.tokens is not None

    @property
    def redirect_port(self) -> int | None:
        """The port under which this client is registered, to be used again where it is free."""
        uris = (self._login.client.redirect_uris if self._login.client else None) or []
        return uris[0].port if uris else None

    def restore(self, context: OAuthContext) -> None:
        """Give a new OAuth client what the SDK does not read from a TokenStorage itself."""
        self._context = context
        login = self._login
        context.oauth_metadata = login.authorization_server
        context.protected_resource_metadata = login.protected_resource
        if login.protected_resource and login.protected_resource.authorization_servers:
            context.auth_server_url = str(login.protected_resource.authorization_servers[0])
        if login.expires_at is not None:
            context.token_expiry_time = login.expires_at - REFRESH_MARGIN_SECONDS

    def wait_for_others(self) -> None:
        """If the token has ended, let a command that is refreshing it finish first, and use what that one got.

        AuthKit gives a new refresh token each time and ends the whole login if an old one comes again.
        """
        if not self._has_ended():
            return
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Each server has its own: a login that waits for a browser must not keep commands for other servers.
        self._lock = self.file.with_suffix(".lock").open("ab")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._login = self._read(self._login.server_url)
        if not self._has_ended():
            self.release()

    def release(self) -> None:
        """Let other commands refresh the login."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def forget(self) -> bool:
        """Delete the login; False if there was none."""
        existed = self.file.exists()
        self.file.unlink(missing_ok=True)
        self._login = _Login(server_url=self._login.server_url)
        return existed

    async def get_tokens(self) -> OAuthToken | None:
        return self._login.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._login.tokens = tokens
        self._login.expires_at = None if tokens.expires_in is None else self._clock() + tokens.expires_in
        if self._context:
            self._login.authorization_server = self._context.oauth_metadata
            self._login.protected_resource = self._context.protected_resource_metadata
        self._write()
        self.release()

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._login.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._login.client = client_info
        self._write()

    def _has_ended(self) -> bool:
        end = self._login.expires_at
        return end is not None and end - REFRESH_MARGIN_SECONDS <= self._clock()

    def _read(self, url: str) -> _Login:
        try:
            login = _Login.model_validate_json(self.file.read_bytes())
        except (OSError, ValidationError):
            # No login, or a file of another version: the next login replaces it.
            return _Login(server_url=url)
        return login if login.server_url == url else _Login(server_url=url)

    def _write(self) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes a file that only its owner can read, before anything is in it.
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=".login-")
        with os.fdopen(handle, "w") as file:
            file.write(self._login.model_dump_json(exclude_none=True, indent=2))
        Path(name).replace(self.file)
