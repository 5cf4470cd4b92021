"""Serve app.handler over HTTP, one call at a time as Lambda does: a program for the package's own interpreter.

It imports the standard library and the package alone. `python -P over_http.py PORT` makes an event of each
request, payload 2.0, as API Gateway does outside of the function: it reads what http.client writes, and no more.
"""

import socket
import sys
from io import BufferedReader


class _Context:
    aws_request_id = "8f507cfc-8f63-4697-b07a-ac58fc914c95"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def serve_events(port: int) -> None:
    from app.handler import handler

    context = _Context()
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection, connection.makefile("rb") as reading:
                while line := reading.readline():
                    connection.sendall(_written(handler(_event(line, reading), context)))


def _event(line: bytes, reading: BufferedReader) -> dict[str, object]:
    method, path, protocol = line.decode("ascii").split()
    headers: dict[str, str] = {}
    while (field := reading.readline().decode("ascii").rstrip()) != "":
        name, _, value = field.partition(":")
        headers[name.lower()] = value.lstrip()
    body = reading.read(int(headers.get("content-length", "0"))).decode()
    http = {"method": method, "path": path, "protocol": protocol, "sourceIp": "127.0.0.1", "userAgent": ""}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "127.0.0.1",
            "http": http,
            "requestId": "gateway-request",
            "routeKey": "$default",
            "stage": "$default",
        },
        "isBase64Encoded": False,
        "body": body,
    }


def _written(answer: dict[str, object]) -> bytes:
    headers, body = answer.get("headers"), str(answer.get("body", "")).encode()
    assert isinstance(headers, dict)
    fields = [f"{name}: {value}" for name, value in headers.items() if name != "content-length"]
    head = [f"HTTP/1.1 {answer['statusCode']} -", *fields, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(head).encode("latin-1") + body


if __name__ == "__main__":
    serve_events(int(sys.argv[1]))
