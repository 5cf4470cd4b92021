"""Read and write one signing key: a PEM file with the private key and its certificate."""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.authkit.state_file import StateError, write_private

CERTIFICATE_YEARS = 5


def make_key_file(path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_private(path, _private_pem(private) + _certificate_pem(private))


def read_key_file(path: Path) -> tuple[rsa.RSAPrivateKey, bytes]:
    """Read the private key and its certificate in DER.

    Raises:
        StateError: if the file is damaged.
    """
    try:
        private_pem, mark, certificate_pem = path.read_bytes().partition(b"-----BEGIN CERTIFICATE-----")
        # Primality checks would take most of the start. That key and certificate match is checked below.
        private = serialization.load_pem_private_key(
            private_pem, password=None, unsafe_skip_rsa_key_validation=True
        )
        certificate = x509.load_pem_x509_certificate(mark + certificate_pem)
    except ValueError as error:
        raise StateError(path, "it is not a private key with its certificate") from error
    if not isinstance(private, rsa.RSAPrivateKey):
        raise StateError(path, "it is not an RSA key")
    if private.public_key() != certificate.public_key():
        raise StateError(path, "its certificate is for another key")
    return private, certificate.public_bytes(serialization.Encoding.DER)


def _private_pem(private: rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate_pem(private: rsa.RSAPrivateKey) -> bytes:
    """Make a self-signed certificate, as AuthKit's are: its JWKS has x5c, which verifiers must ignore."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Local AuthKit")])
    today = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + dt.timedelta(days=365 * CERTIFICATE_YEARS))
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
