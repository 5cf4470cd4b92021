"""WorkOS in trouble, in all the ways that are not a status: one question, then quiet; and never a decision."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

import app.workos.transport  # noqa: F401 - a question's time is not for the import, however slow the machine
from app.access.lookups import FAILURE_PAUSE_SECONDS
from app.auth.fetch import create_tls_context
from tests.access.world import ADA, ENGINES, World
from tests.log import Log
from tests.packages import Write
from tests.rig import SETTINGS, Rig

TEMPORARY = "Whether you may use this cannot be found out at the moment."
SIXTY = "from app.authoring import flag, permission, role\nfrom app.authoring import tool\n" + "".join(
    f"@tool(requires={('permission', 'role', 'flag')[number % 3]}('p{number}'))\n"
    f"async def tool_{number}() -> str:\n    'Do it.'\n    return 'done'\n"
    for number in range(60)
)


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    sent = {"content-type": "application/json", "content-length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status}\r\n{lines}connection: close\r\n\r\n".encode() + body


@dataclass
class Raw:
    """A server that says just these bytes to whoever connects."""

    answer: bytes
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    asked: list[bytes] = field(default_factory=list)
    then: bytes = b""
    """What it says from the second time on, if that differs."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                with connection:
                    received = b""
                    while b"\r\n\r\n" not in received and (more := connection.recv(65536)):
                        received += more
                    self.asked.append(received.partition(b"\r\n")[0])
                    connection.sendall(self.answer)
                    self.answer = self.then or self.answer


@contextmanager
def raw(answer: bytes) -> Iterator[Raw]:
    server = Raw(answer)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.listening.shutdown(socket.SHUT_RDWR)
        server.listening.close()
        thread.join(5)


PAGE = b"<html><body>Welcome to nginx</body></html>"
MEMBERSHIP = {
    "id": "om_1",
    "user_id": ADA,
    "organization_id": ENGINES,
    "status": "active",
    "role": {"slug": "admin"},
    "roles": [{"slug": "admin"}],
}
TROUBLE: dict[str, tuple[bytes, int]] = {
    # the bytes, and how many requests one question takes: a broken connection is tried once more
    "dropped connection": (b"", 2),
    "reset in the header": (b"HTTP/1.1 200 OK\r\ncontent-", 2),
    "cut in the body": (http(b'{"data": [', content_length="500"), 2),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", 2),
    "redirect": (http(b"", "302 Found", location="https://elsewhere.example/"), 1),
    "permanent redirect": (http(b"{}", "308 Permanent Redirect", location="/v2"), 1),
    "page": (http(PAGE, content_type="text/html"), 1),
    "page that claims to be JSON": (http(PAGE), 1),
    "page of a wrong address": (http(PAGE, "404 Not Found", content_type="text/html"), 1),
    "JSON of a wrong address": (http(b'{"detail":"Not Found"}', "404 Not Found"), 1),
    "nothing at a wrong address": (http(b"", "404 Not Found"), 1),
    "page that refuses": (http(PAGE, "400 Bad Request", content_type="text/html"), 1),
    "page of an overloaded proxy": (http(PAGE, "502 Bad Gateway", content_type="text/html"), 2),
    "page of a firewall": (http(PAGE, "403 Forbidden", content_type="text/html"), 1),
    "cut JSON": (http(b'{"data": [{"id":'), 1),
    "empty body": (http(b""), 1),
    "no content": (b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", 1),
    "wrong content type": (http(b'{"data": [], "list_metadata": {}}', content_type="text/plain"), 1),
    "list": (http(b"[]"), 1),
    "compressed": (http(b"\x1f\x8b\x08\x00", content_encoding="gzip"), 1),
}


@pytest.fixture(autouse=True, scope="module")
def certificates() -> None:
    """Read before the first question, as the import above."""
    create_tls_context()


@contextmanager
def sixty(patch: pytest.MonkeyPatch, write: Write, url: str) -> Iterator[Rig]:
    patch.setenv("WORKOS_BASE_URL", url)
    rig = Rig(replace(SETTINGS, api_key="sk_test_1"), tools=write(sixty=SIXTY))
    try:
        yield rig
    finally:
        rig.close()


def listed(rig: Rig) -> Any:
    return rig.exchange("tools/list", token=rig.issuer.token(sub=ADA, org_id=ENGINES)).json["result"]


@pytest.mark.matrix
@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_of_any_kind_is_asked_about_once_and_starts_the_quiet_seconds(
    trouble: str, monkeypatch: pytest.MonkeyPatch, write: Write, log: Log
) -> None:
    answer, requests = TROUBLE[trouble]
    with raw(answer) as workos, sixty(monkeypatch, write, workos.url) as rig:
        result = listed(rig)
        assert (result["tools"], result["ttlMs"]) == ([], 0)
        assert len(workos.asked) == requests
        assert len(log("grants could not be looked up")) == 1

        listed(rig)
        assert len(workos.asked) == requests

        rig.issuer.clock.now += FAILURE_PAUSE_SECONDS
        listed(rig)
        assert len(workos.asked) == 2 * requests


@pytest.mark.matrix
@pytest.mark.parametrize(
    "address", ["http://no-such-host.invalid", "http://[::", "ftp://127.0.0.1", "http://127.0.0.1:1"]
)
def test_an_address_that_leads_nowhere_is_trouble_too(
    address: str, monkeypatch: pytest.MonkeyPatch, write: Write, log: Log
) -> None:
    with sixty(monkeypatch, write, address) as rig:
        assert listed(rig)["ttlMs"] == 0
        listed(rig)

    assert len(log("grants could not be looked up")) == 1


def test_the_log_says_what_kind_of_answer_came(monkeypatch: pytest.MonkeyPatch, write: Write, log: Log) -> None:
    with raw(TROUBLE["page"][0]) as workos, sixty(monkeypatch, write, workos.url) as rig:
        listed(rig)

    (line,) = log("grants could not be looked up")
    assert (line["reason"], line["failure"], line["status"]) == ("WorkOSError", "not_json", 200)


@pytest.mark.matrix
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": [None]},
        {"data": [MEMBERSHIP] * 2},
        {"data": [], "list_metadata": 5},
    ],
    ids=str,
)
def test_what_concerns_one_question_is_asked_once_in_a_request_and_leaves_the_others_alone(
    answer: Any, monkeypatch: pytest.MonkeyPatch, write: Write, log: Log
) -> None:
    with raw(http(json.dumps(answer).encode())) as workos, sixty(monkeypatch, write, workos.url) as rig:
        assert listed(rig)["ttlMs"] == 0
        assert sorted(path.partition(b"?")[0] for path in workos.asked) == [
            b"GET /organizations/org_01LOCALANALYTICALENGINES00/feature-flags",
            b"GET /user_management/organization_memberships",
        ]
        listed(rig)
        assert len(workos.asked) == 4  # the next request asks for itself


def role(**changes: Any) -> dict[str, Any]:
    return {"slug": "admin", "permissions": ["reports:write"], **changes}


def flags(**changes: Any) -> dict[str, Any]:
    return {"data": [{"slug": "report-export", "enabled": True, **changes}], "list_metadata": {}}


def membership(**changes: Any) -> dict[str, Any]:
    return {"data": [{**MEMBERSHIP, **changes}], "list_metadata": {}}


ROLES, FLAGS, MEMBERSHIPS = "/authorization/organizations", "/organizations", "/user_management"
WRONG_TYPES: list[tuple[str, str, Any]] = [
    ("by_permission", ROLES, role(permissions={"reports:write": True})),
    ("by_permission", ROLES, role(permissions="reports:write")),
    ("by_permission", ROLES, role(permissions=["reports:write", 5])),
    ("by_permission", ROLES, role(permissions=None)),
    ("by_permission", ROLES, {}),
    ("by_flag", FLAGS, flags(enabled="false")),
    ("by_flag", FLAGS, flags(enabled="true")),
    ("by_flag", FLAGS, flags(enabled=1)),
    ("by_flag", FLAGS, flags(enabled=None)),
    ("by_flag", FLAGS, flags(slug=["report-export"])),
    ("by_role", MEMBERSHIPS, membership(roles={"admin": {"slug": "admin"}})),
    ("by_role", MEMBERSHIPS, membership(roles="admin")),
    ("by_role", MEMBERSHIPS, membership(roles=["admin"])),
    ("by_role", MEMBERSHIPS, membership(roles=None, role="admin")),
    ("by_role", MEMBERSHIPS, membership(roles=None, role=None)),
    ("by_role", MEMBERSHIPS, membership(id=5)),
    ("by_role", MEMBERSHIPS, membership(user_id=[ADA])),
    ("by_role", MEMBERSHIPS, {}),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("tool", "path", "answer"), WRONG_TYPES, ids=str)
def test_an_answer_of_wrong_types_decides_nothing(tool: str, path: str, answer: Any, world: World) -> None:
    assert world.says(tool) == "done"  # with the right ones
    world.rig.issuer.clock.now += 60
    world.api.instead[path] = (200, answer)

    assert world.says(tool).startswith(TEMPORARY)
    world.api.instead.clear()
    assert world.says(tool) == "done"  # nothing was kept


@pytest.mark.matrix
@pytest.mark.parametrize("authorized", ["true", 1, None, {}, [True]])
def test_a_check_of_one_resource_decides_by_a_truth_value_alone(authorized: Any, world: World) -> None:
    answer = (200, {"authorized": authorized})
    world.api.instead["/authorization/organization_memberships"] = answer

    assert world.says("by_resource", report_id="report-q1").startswith(TEMPORARY)


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"permissions": {"reports:write": True}},
    {"permissions": True},
    {"permissions": 1},
    {"permissions": ["reports:write", 5]},
    {"role": {"slug": "member"}, "roles": {"admin": 1}},
    {"feature_flags": {"report-export": False}},
]


@pytest.mark.matrix
@pytest.mark.parametrize("claims", WRONG_CLAIMS, ids=str)
def test_a_claim_of_a_wrong_type_decides_nothing_and_workos_is_asked(claims: dict[str, Any], world: World) -> None:
    tools = ["by_permission", "by_role", "by_flag"]

    assert set(tools) <= set(world.listed("ada", **claims))
    assert not set(tools) & set(world.listed("katherine", **claims))


def test_flags_of_further_pages_count_too(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    flag = {"slug": "p2", "enabled": True}
    page = {"data": [flag], "list_metadata": {"after": "flag_2"}}
    last = {"data": [], "list_metadata": {"after": None}}
    with raw(http(json.dumps(page).encode())) as workos, sixty(monkeypatch, write, workos.url) as rig:
        token = rig.issuer.token(sub=ADA, org_id=ENGINES, roles=[], permissions=[])
        workos.then = http(json.dumps(last).encode())
        assert [tool["name"] for tool in rig.exchange("tools/list", token=token).json["result"]["tools"]] == [
            "tool_2"
        ]

    assert [b"after=flag_2" in path for path in workos.asked] == [False, True]


def test_a_resource_is_asked_about_once_in_a_request(world: World, write: Write) -> None:
    twice = write(
        twice="import asyncio\nfrom app.authoring import CurrentGrants\nfrom app.authoring import tool\n"
        "@tool()\nasync def twice(grants: CurrentGrants) -> list[bool]:\n    'Ask.'\n"
        "    ask = [grants.may('view', resource_type='report', external_id='report-q1') for _ in range(5)]\n"
        "    return list(await asyncio.gather(*ask))\n"
    )
    rig = Rig(world.rig.settings, tools=twice)

    assert rig.call("twice", token=world.token("ada"))["structuredContent"] == {"result": [False] * 5}
    assert len([path for path in world.api.asked if path.endswith("/check")]) == 1
    rig.close()
