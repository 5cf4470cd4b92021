import socket

from tests.infra.gateway.running import Running, Serve

OK = "def handler(event, context):\n    return {'statusCode': 200, 'body': str(len(event.get('body', '')))}\n"
BIG_RESULT = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'x' * 6_291_556}\n"


def status_of_head_with(running: Running, size: int) -> int:
    """Send a request whose request line and headers have this many bytes."""
    start = b"GET / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\nx-fill: "
    request = start + b"x" * (size - len(start) - 2) + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.server.port), timeout=120) as connection:
        connection.sendall(request)
        return int(connection.makefile("rb").readline().split()[1])


def test_a_request_line_and_headers_of_10240_bytes_pass_and_a_byte_more_does_not(serve: Serve) -> None:
    running = serve(OK)

    assert status_of_head_with(running, 10_240) == 200
    assert status_of_head_with(running, 10_241) == 431


def test_too_large_headers_get_the_gateways_own_answer(serve: Serve) -> None:
    answer = serve(OK).client.get("/", headers={"authorization": "Bearer " + "x" * 11_000})

    assert (answer.status_code, answer.json()) == (431, {"message": "Request Header Fields Too Large"})


def test_a_body_over_10_mb_is_refused(serve: Serve) -> None:
    answer = serve(OK).client.post("/", content=b"x" * (10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_an_event_over_6_mb_is_refused_and_one_below_is_served(serve: Serve) -> None:
    client = serve(OK).client
    text = {"content-type": "text/plain"}

    assert client.post("/", content=b"x" * (6 * 1024 * 1024), headers=text).status_code == 413
    assert client.post("/", content=b"x" * 6_000_000, headers=text).text == "6000000"


def test_base64_counts_against_the_size_of_the_event(serve: Serve) -> None:
    assert serve(OK).client.post("/", content=b"x" * 5_000_000).status_code == 413


def test_a_result_over_6_mb_is_a_server_error_with_the_reason_in_the_terminal(serve: Serve) -> None:
    running = serve(BIG_RESULT)

    answer = running.client.get("/")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "Lambda allows 6,291,556" in running.terminal.wait_for("the function failed")
