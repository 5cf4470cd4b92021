"""Audit Logs. An event that is sent several times is stored once."""

import json
from collections import deque

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.workos_api.audit_log_event import check_event
from infra.local.workos_api.audit_log_schemas import AuditLogSchemas
from infra.local.workos_api.body import read_body
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import written_epoch


class AuditLogs:
    def __init__(self, schemas: AuditLogSchemas, organizations: Organizations, clock: Clock) -> None:
        self._schemas = schemas
        self._organizations = organizations
        self._clock = clock
        self._seen: set[tuple[str | None, str]] = set()
        self._events: deque[Row] = deque(maxlen=1000)

    async def create_event(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("organization_id", "event")
        organization, event = body.text("organization_id"), body.nested("event")
        check_event(event, self._schemas.newest)
        self._organizations.find(organization)
        # WorkOS compares key and event: the same event with another key is stored again.
        key = request.headers.get("idempotency-key")
        fingerprint = key, json.dumps(body.values, sort_keys=True)
        if fingerprint not in self._seen:
            self._seen.add(fingerprint)
            received = {"received_at": written_epoch(self._clock()), "idempotency_key": key}
            self._events.append({"organization_id": organization, "event": dict(event.values), **received})
        return JSONResponse({"success": True})

    async def list_received(self, _request: Request) -> Response:
        """A hook for tests: the API returns events only as an export."""
        return JSONResponse({"events": list(self._events)})
