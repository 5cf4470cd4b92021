"""The RSA keys that sign tokens. They are on disk, so tokens stay valid after a restart."""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.authkit.identifiers import CROCKFORD
from infra.local.authkit.key_file import make_key_file, read_key_file

Claims = dict[str, object]


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: rsa.RSAPrivateKey
    certificate: bytes  # DER

    def sign(self, claims: Claims) -> str:
        # AuthKit's header has only alg and kid; PyJWT omits `typ` if it is None.
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid, "typ": None})

    def public_jwk(self) -> dict[str, object]:
        numbers = self.private.public_key().public_numbers()
        return {
            "alg": "RS256",
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "n": _base64url_integer(numbers.n),
            "e": _base64url_integer(numbers.e),
            "x5c": [base64.b64encode(self.certificate).decode()],
            "x5t#S256": _base64url(hashlib.sha256(self.certificate).digest()),
        }


class SigningKeys:
    """All published keys, the newest last. The newest one signs.

    Raises:
        StateError: if a key file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = {path: _read(path) for path in sorted(folder.glob("signing-key-*.pem"))}
        if not self._keys:
            self._add(1)

    @property
    def current(self) -> SigningKey:
        return list(self._keys.values())[-1]

    def find(self, kid: object) -> SigningKey | None:
        return next((key for key in self._keys.values() if key.kid == kid), None)

    def jwks(self) -> dict[str, list[dict[str, object]]]:
        return {"keys": [key.public_jwk() for key in self._keys.values()]}

    def rotate(self, *, keep_old: bool) -> SigningKey:
        old = list(self._keys)
        self._add(int(old[-1].stem.rpartition("-")[2]) + 1)
        if not keep_old:
            for path in old:
                path.unlink(missing_ok=True)  # another process removed the file first
                del self._keys[path]
        return self.current

    def _add(self, number: int) -> None:
        path = self._folder / f"signing-key-{number:04}.pem"
        make_key_file(path)
        self._keys[path] = _read(path)


def _read(path: Path) -> SigningKey:
    private, certificate = read_key_file(path)
    return SigningKey(_kid(private), private, certificate)


def _kid(private: rsa.RSAPrivateKey) -> str:
    """A key id in AuthKit's form, computed from the key, so it stays the same after a restart."""
    digest = hashlib.sha256(private.public_key().public_numbers().n.to_bytes(256, "big")).digest()
    return "sso_oidc_key_pair_01" + "".join(CROCKFORD[byte & 31] for byte in digest[:24])


def _base64url_integer(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
