"""The tests' issuer behind TLS, as one of the peers knows no other scheme, with a certificate for the run."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.loopback_issuer import KEYS, LoopbackIssuer


@dataclass
class HttpsIssuer(LoopbackIssuer):
    trusted: Path = Path()
    """This machine's certificate authorities and ours: as long to read at start as in production."""
    own: Path = Path()
    """Ours alone, for programs that bring the others."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.issuer.down and scope["path"] == KEYS:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await super().__call__(scope, receive, send)

    @property
    def host(self) -> str:
        return self.issuer.url.removeprefix("https://")

    @property
    def public_key(self) -> str:
        (key,) = self.issuer.keys.values()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def token(self, **changes: Any) -> str:
        self.issuer.clock.now = time.time()
        return self.issuer.token(**changes)


@contextmanager
def https_issuer(folder: Path) -> Iterator[HttpsIssuer]:
    """Served on a loopback port, in a thread."""
    served = HttpsIssuer(own=folder / "own.pem", trusted=folder / "trusted.pem")
    key = _certificate(served.own)
    known = ssl.get_default_verify_paths().cafile
    served.trusted.write_bytes((Path(known).read_bytes() if known else b"") + served.own.read_bytes())
    # By protocol name: with 0, asyncio leaves TCP_NODELAY off.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    served.issuer.url = f"https://127.0.0.1:{listening.getsockname()[1]}"
    config = uvicorn.Config(
        served,
        log_level="critical",
        lifespan="off",
        ssl_certfile=served.own,
        ssl_keyfile=key,
        timeout_keep_alive=600,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        listening.close()


def _certificate(into: Path) -> Path:
    """Of 127.0.0.1, signed by itself; the file with its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Issuer of the benchmarks")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        # Python 3.13 wants these of whoever signs (RFC 5280 section 4.2.1).
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(_signs(), critical=True)
        .sign(key, hashes.SHA256())
    )
    into.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = into.with_suffix(".key")
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return private


def _signs() -> x509.KeyUsage:
    others = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, **others)
