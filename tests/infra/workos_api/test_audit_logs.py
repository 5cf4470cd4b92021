"""Audit log events through the SDK, and what of them arrives."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from workos import AsyncWorkOSClient, BadRequestError, NotFoundError
from workos.audit_logs.models import (
    AuditLogEvent,
    AuditLogEventActor,
    AuditLogEventContext,
    AuditLogEventCreateResponse,
    AuditLogEventTarget,
)

from tests.infra.workos_api.rig import ADA, ENGINES, UNKNOWN, Api

EVENT = AuditLogEvent(
    action="document.viewed",
    occurred_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    actor=AuditLogEventActor(id=ADA, type="user", name="Ada Lovelace", metadata={"admin": True}),
    targets=[AuditLogEventTarget(id="notes", type="document", metadata={"pages": 66})],
    context=AuditLogEventContext(location="mcp", user_agent="a client"),
    metadata={"tool": "read_notes"},
    version=1,
)


def send(
    api: Api, event: AuditLogEvent, organization: str = ENGINES, **options: Any
) -> AuditLogEventCreateResponse:
    return api.ask(
        lambda workos: workos.audit_logs.create_event(organization_id=organization, event=event, **options)
    )


def body(**changes: object) -> dict[str, Any]:
    """The event as JSON, with fields changed; None takes one away."""
    event = {name: value for name, value in {**EVENT.to_dict(), **changes}.items() if value is not None}
    return {"organization_id": ENGINES, "event": event}


def test_an_event_arrives_as_it_was_sent(api: Api) -> None:
    assert send(api, EVENT, idempotency_key="once").success

    [received] = api.received_events()
    assert received == {
        "organization_id": ENGINES,
        "event": EVENT.to_dict(),
        "received_at": "2027-01-15T08:00:00.000Z",
        "idempotency_key": "once",
    }


def test_the_same_event_with_the_same_key_arrives_once(api: Api) -> None:
    for _ in range(3):
        assert send(api, EVENT, idempotency_key="once").success
    send(api, EVENT, idempotency_key="twice")
    send(api, replace(EVENT, version=2), idempotency_key="twice")

    assert [each["idempotency_key"] for each in api.received_events()] == ["once", "twice", "twice"]


def test_without_a_key_the_event_itself_is_the_key(api: Api) -> None:
    for _ in range(2):
        assert api.http.post("/audit_logs/events", json=body()).status_code == 200

    assert len(api.received_events()) == 1


def test_a_retry_of_the_sdk_does_not_double_an_event(api: Api) -> None:
    async def impatient(workos: AsyncWorkOSClient) -> None:
        await workos.audit_logs.create_event(organization_id=ENGINES, event=EVENT)

    api.fail(path="/audit_logs", status=503, retry_after=0, count=1)
    api.ask(impatient, max_retries=1)

    assert len(api.received_events()) == 1


def test_an_unknown_organization_is_not_found(api: Api) -> None:
    with pytest.raises(NotFoundError):
        send(api, EVENT, UNKNOWN)
    assert api.received_events() == []


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (replace(EVENT, action="document.eaten"), "/action"),
        (replace(EVENT, targets=[AuditLogEventTarget("x", "sandwich")]), "/targets"),
        (replace(EVENT, metadata={"k" * 41: "v"}), "/metadata"),
        (replace(EVENT, metadata={"a b": "v"}), "/metadata"),
        (replace(EVENT, metadata={str(number): "v" for number in range(51)}), "/metadata"),
        (replace(EVENT, metadata={"k": "v" * 501}), "/metadata/k"),
        (replace(EVENT, metadata={"k": ["v"]}), "/metadata/k"),  # type: ignore[dict-item]
    ],
)
def test_what_was_not_configured_is_refused(api: Api, event: AuditLogEvent, path: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        send(api, event)

    assert refused.value.code == "invalid_audit_log_event"
    assert [error["instancePath"] for error in refused.value.errors or ()] == [path]
    assert api.received_events() == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"action": None}, "event.action", "required"),
        ({"occurred_at": None}, "event.occurred_at", "required"),
        ({"actor": None}, "event.actor", "required"),
        ({"targets": None}, "event.targets", "required"),
        ({"context": None}, "event.context", "required"),
        ({"context": {}}, "event.context.location", "required"),
        ({"actor": {"id": "x"}}, "event.actor.type", "required"),
        ({"actor": {"id": 1, "type": "user"}}, "event.actor.id", "invalid"),
        ({"targets": [{"type": "document"}]}, "event.targets[0].id", "required"),
        ({"targets": {}}, "event.targets", "invalid"),
        ({"targets": ["x"]}, "event.targets[0]", "invalid"),
        ({"occurred_at": "yesterday"}, "event.occurred_at", "invalid"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "event.occurred_at", "invalid"),
        ({"occurred_at": "2026-11-23T12:00:00+01:00"}, "event.occurred_at", "invalid"),
        ({"version": "1"}, "event.version", "invalid"),
        ({"metadata": []}, "event.metadata", "invalid"),
        ({"reason": "x"}, "event.reason", "unknown"),
    ],
)
def test_a_missing_or_wrong_part_is_named(api: Api, changes: dict[str, object], field: str, code: str) -> None:
    refused = api.http.post("/audit_logs/events", json=body(**changes))

    assert refused.status_code == 422
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b'{"a": NaN}', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_a_bad_request(api: Api, content: bytes) -> None:
    refused = api.http.post("/audit_logs/events", content=content)

    assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")


def test_the_hook_needs_its_word(api: Api) -> None:
    assert api.http.get("/_local/audit-logs/events").status_code == 403


@pytest.mark.parametrize("kind", ["tool", "prompt", "resource"])
def test_what_the_server_itself_writes_is_configured(api: Api, kind: str) -> None:
    event = replace(EVENT, action="mcp.tool_called", targets=[AuditLogEventTarget(id="whoami", type=kind)])

    assert send(api, event).success


def test_the_configured_actions_are_listed_page_by_page(api: Api) -> None:
    async def read(workos: AsyncWorkOSClient) -> list[tuple[str, list[str]]]:
        page = await workos.audit_logs.list_actions(limit=2)
        return [
            (each.name, [target.type for target in each.schema.targets]) async for each in page.auto_paging_iter()
        ]

    listed = api.ask(read)

    assert dict(listed) == {each.action: list(each.targets) for each in api.seed.audit_log_actions}
    assert "id" not in api.http.get("/audit_logs/actions").json()["data"][0]
