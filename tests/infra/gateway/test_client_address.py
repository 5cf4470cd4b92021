"""Whom the function takes the client for."""

import socket

from tests.infra.gateway.running import Running, Serve

ECHO = "def handler(event, context):\n    return event\n"


def answer_to(running: Running, request: bytes) -> str:
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=120) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read().decode()


def test_a_forwarding_header_does_not_make_the_source_address(serve: Serve) -> None:
    spoofed = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}

    event = serve(ECHO).client.get("/", headers=spoofed).json()

    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"


def test_a_target_in_absolute_form_is_its_path_and_its_host(serve: Serve) -> None:
    request = b"GET http://[::1]:8000/mcp%20?a=1 HTTP/1.1\r\nhost: other.example\r\nconnection: close\r\n\r\n"

    answer = answer_to(serve(ECHO), request)

    assert '"rawPath": "/mcp "' in answer
    assert '"domainName": "[::1]"' in answer
    assert "other.example" not in answer


def test_a_websocket_handshake_is_a_plain_request(serve: Serve) -> None:
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-key": "x" * 24}

    assert serve(ECHO).client.get("/", headers=upgrade).status_code == 200
