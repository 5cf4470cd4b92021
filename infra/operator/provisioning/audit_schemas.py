"""The schemas of audit log actions: WorkOS refuses an event whose action or target it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.provisioning.plan import Change, Item
from infra.operator.workos_api import WorkOSApi

_PAGE = "https://dashboard.workos.com, Audit Logs, Configuration"
_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
SERVER_TARGETS = ("tool", "prompt", "resource")
"""The types of target that the server sends (app/audit/event.py)."""
SERVER_METADATA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "outcome": _TEXT,
        "reason": _TEXT,
        "ms": _NUMBER,
        "client_id": _TEXT,
        "impersonator": _TEXT,
        "decision_source": _TEXT,
        "traceparent": _TEXT,
        "request_id": _TEXT,
    },
}
"""The metadata that the server sends, none of it always. Others are allowed, for those of a later version."""


@dataclass(frozen=True, slots=True)
class AuditSchemaStep:
    server_action: str
    """The action of AUDIT_LOG_ACTION, under which the server writes each call; empty if it writes none."""
    tool_actions: Mapping[str, tuple[str, ...]]
    """The actions that tools write themselves, with the types of their targets."""
    name: str = "audit-schemas"

    async def plan(self, api: WorkOSApi) -> list[Item]:
        wanted = {action: (targets, None) for action, targets in self.tool_actions.items()}
        server = {self.server_action: (SERVER_TARGETS, SERVER_METADATA)} if self.server_action else {}
        if not wanted and not server:
            why = "AUDIT_LOG_ACTION is off, and AUDIT_LOG_ACTIONS names no action that tools write"
            return [skipped(self.name, why)]
        rows = {str(row.get("name")): row for row in await api.list_all("/audit_logs/actions")}
        items: list[Item] = []
        for action, (targets, metadata) in {**wanted, **server}.items():
            if action in rows:
                items.append(self._compare(action, targets, metadata, rows[action].get("schema")))
            elif targets:
                items.append(self._create(api, action, targets, metadata))
            else:
                items.append(_ask_for_targets(self.name, action))
        return items

    def _create(
        self, api: WorkOSApi, action: str, targets: tuple[str, ...], metadata: Mapping[str, object] | None
    ) -> Change:
        body: dict[str, object] = {"targets": [{"type": each} for each in targets]}
        if metadata is not None:
            body["metadata"] = metadata
        what = f"+ schema of {action}, with the targets {', '.join(targets)}"
        return Change(what, partial(api.send, "POST", f"/audit_logs/actions/{action}/schemas", body))

    def _compare(
        self, action: str, targets: tuple[str, ...], metadata: Mapping[str, object] | None, schema: object
    ) -> Finding:
        """Compare an existing schema. It is never replaced, because somebody may have written it."""
        if not isinstance(schema, dict):
            return passed(self.name, f"= {action}, whose schema is not shown")
        lacking = sorted(set(targets) - _read_types(schema))
        keys = sorted(_find_refused_keys(schema, metadata))
        if not lacking and not keys:
            return passed(self.name, f"= {action}")
        parts = [f"target {each}" for each in lacking] + [f"metadata {each}" for each in keys]
        return warned(
            self.name,
            f"{action} exists and does not allow {', '.join(parts)}: WorkOS refuses such events",
            f"{_PAGE}, {action}: add {', '.join(parts)}",
        )


def _ask_for_targets(step: str, action: str) -> Finding:
    return failed(
        step,
        f"{action} does not exist, and its targets are not known",
        f"AUDIT_LOG_ACTIONS={action}:document names the types of its targets behind a colon (+ between several); "
        "or write the action to [[audit_log_actions]] in infra/local/seed.toml",
    )


def _read_types(schema: Mapping[str, object]) -> set[object]:
    targets = schema.get("targets")
    return {each.get("type") for each in targets if isinstance(each, dict)} if isinstance(targets, list) else set()


def _find_refused_keys(schema: Mapping[str, object], metadata: Mapping[str, object] | None) -> set[str]:
    """The keys of metadata that the schema leaves out, if it forbids those that it does not name."""
    theirs, ours = schema.get("metadata"), (metadata or {}).get("properties")
    if not (isinstance(theirs, dict) and isinstance(ours, dict)) or theirs.get("additionalProperties", True):
        return set()
    named = theirs.get("properties")
    return set(ours) - set(named if isinstance(named, dict) else ())
