"""The two ports of the local stack, from the environment that `make` exports."""

from collections.abc import Mapping
from dataclasses import dataclass

_DEFAULTS = {"PORT": 8000, "AUTHKIT_PORT": 8001}


class InvalidPort(Exception):
    """A port setting cannot be used; the message names the variable and the fix."""


@dataclass(frozen=True, slots=True)
class Ports:
    gateway: int
    authkit: int

    @property
    def token_command(self) -> str:
        is_default = self.authkit == _DEFAULTS["AUTHKIT_PORT"]
        return "make -s token" if is_default else f"make -s token AUTHKIT_PORT={self.authkit}"


def read_ports(environment: Mapping[str, str]) -> Ports:
    """The ports to use.

    Raises:
        InvalidPort: if one is not a port number, or both are the same.
    """
    ports = Ports(_read("PORT", environment), _read("AUTHKIT_PORT", environment))
    if ports.gateway == ports.authkit:
        raise InvalidPort(f"PORT and AUTHKIT_PORT are both {ports.gateway}; {fix('AUTHKIT_PORT', ports.authkit)}")
    return ports


def fix(name: str, taken: int | None = None) -> str:
    """The command that uses another port for the variable."""
    suggestion = (_DEFAULTS[name] if taken is None else taken) + 10
    return f"try: make dev {name}={suggestion if suggestion <= 65535 else _DEFAULTS[name]}"


def _read(name: str, environment: Mapping[str, str]) -> int:
    text = environment.get(name) or str(_DEFAULTS[name])
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise InvalidPort(f"{name} is {text!r}, not a port from 1 to 65535; {fix(name)}")
    return int(text)
