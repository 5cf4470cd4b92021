"""A local AuthKit: the authorization server of `make dev` and of the tests. It is never deployed."""

from infra.local.authkit.application import create_authkit
from infra.local.authkit.state_file import StateError

__all__ = ["StateError", "create_authkit"]
