"""The one request the stand-in ever sends, against a TLS server of the test's own."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.authkit.public_fetch import FetchError, fetch_public

HOST = "client.example"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for the host alone, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    today = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


async def fetch(certificate: Path, answer: bytes, host: str = HOST) -> tuple[bytes, bytes]:
    """The body that was fetched and the request that was received."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def find_address(_url: str) -> str:
        return "127.0.0.1"

    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=own) as server:
        port = server.sockets[0].getsockname()[1]
        body = await fetch_public(f"https://{host}:{port}/metadata.json", find_address, trusting)
    return body, received[0]


def test_the_connection_goes_to_the_checked_address_under_the_hosts_name(certificate: Path) -> None:
    body, request = asyncio.run(fetch(certificate, OK))
    assert body == b"{}"
    assert request.startswith(b"GET /metadata.json HTTP/1.1\r\n")
    assert b"host: client.example:" in request.lower()


def test_a_certificate_for_another_name_is_refused(certificate: Path) -> None:
    with pytest.raises(FetchError, match="ConnectError"):
        asyncio.run(fetch(certificate, OK, "other.example"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
            "status 302, not 200",
        ),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "status 404, not 200"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5121\r\n\r\n" + b" " * 5121, "larger than 5120 bytes"),
        (b"no HTTP\r\n\r\n", "RemoteProtocolError"),
    ],
)
def test_only_a_small_plain_success_counts(certificate: Path, answer: bytes, said: str) -> None:
    with pytest.raises(FetchError, match=said):
        asyncio.run(fetch(certificate, answer))


def test_a_name_that_does_not_resolve_is_an_error_of_the_fetch() -> None:
    with pytest.raises(FetchError):
        asyncio.run(fetch_public("https://nowhere.invalid/metadata.json"))
