"""The two ports of the local stack, from the environment that `make` exports. AuthKit's follows the server's."""

from collections.abc import Mapping
from dataclasses import dataclass

_DEFAULTS = {"PORT": 8000, "AUTHKIT_PORT": 8001}


class InvalidPort(Exception):
    """A port setting cannot be used; the message names the variable, and the command that fixes it if there is
    one."""


@dataclass(frozen=True, slots=True)
class Ports:
    gateway: int
    authkit: int

    @property
    def token_command(self) -> str:
        if self.authkit != follow(self.gateway):
            return f"make -s token AUTHKIT_PORT={self.authkit}"
        return "make -s token" if self.gateway == _DEFAULTS["PORT"] else f"make -s token PORT={self.gateway}"

    def fix(self, name: str) -> str:
        """The command that changes the port of one variable and keeps the other."""
        is_gateway = name == "PORT"
        mine, other = (self.gateway, self.authkit) if is_gateway else (self.authkit, self.gateway)
        others_name = "AUTHKIT_PORT" if is_gateway else "PORT"
        candidates = (mine + 10, mine + 20, _DEFAULTS[name], _DEFAULTS[name] + 10)
        free = next(each for each in candidates if each <= 65535 and each not in (mine, other))
        # AuthKit's port follows a new PORT, unless it was another one.
        is_usual = other == (follow(mine) if is_gateway else _DEFAULTS["PORT"])
        kept = "" if is_usual else f" {others_name}={other}"
        return f"try: make dev {name}={free}{kept}"


def follow(port: int) -> int:
    """AuthKit's port, if only the server's is given."""
    return port + 1 if port < 65535 else _DEFAULTS["AUTHKIT_PORT"]


def read_ports(environment: Mapping[str, str]) -> Ports:
    """Read the two ports.

    Raises:
        InvalidPort: if one is not a port number, or both are the same.
    """
    ports = Ports(*(_read_or_fix(name, environment) for name in _DEFAULTS))
    if ports.gateway == ports.authkit:
        raise InvalidPort(f"PORT and AUTHKIT_PORT are both {ports.gateway}; {ports.fix('AUTHKIT_PORT')}")
    return ports


def read_port(name: str, environment: Mapping[str, str]) -> int:
    """Read one port; the error message names no command. Without AUTHKIT_PORT it is the one after PORT.

    Raises:
        InvalidPort: if it is not a port number.
    """
    text = environment.get(name)
    if not text:
        return follow(read_port("PORT", environment)) if name == "AUTHKIT_PORT" else _DEFAULTS[name]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if 1 <= number < 1024:
        raise InvalidPort(f"{name} is {number}, and ports below 1024 are for the system's own services")
    if not 1024 <= number <= 65535:
        raise InvalidPort(f"{name} is {text!r}, not a port from 1024 to 65535")
    return number


def _read_or_fix(name: str, environment: Mapping[str, str]) -> int:
    try:
        return read_port(name, environment)
    except InvalidPort as error:
        usable = Ports(*(_read_or_default(each, environment) for each in _DEFAULTS))
        raise InvalidPort(f"{error}; {usable.fix(name)}") from None


def _read_or_default(name: str, environment: Mapping[str, str]) -> int:
    try:
        return read_port(name, environment)
    except InvalidPort:
        return _DEFAULTS[name]
