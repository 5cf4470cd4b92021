"""Check audit log events: their shape, and whether their action is configured."""

import re
from collections.abc import Mapping
from datetime import datetime

from jsonschema import Draft7Validator

from infra.local.workos_api.body import Body
from infra.local.workos_api.errors import ApiError, InvalidParameters
from infra.local.workos_api.rows import Row

# The API accepts only UTC, written with a Z.
_OCCURRED_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z")
_METADATA_KEY = re.compile(r"[a-zA-Z0-9_-]{0,40}")
_HINT = "Configure it in the WorkOS dashboard; here: [[audit_log_actions]] in infra/local/seed.toml."


class InvalidEvent(ApiError):
    """The event does not fit the configuration of its action."""

    def __init__(self, instance_path: str, why: str) -> None:
        error = {"instancePath": instance_path, "message": why}
        super().__init__(400, "Invalid Audit Log event.", "invalid_audit_log_event", errors=[error])


def check_event(event: Body, schemas: Mapping[str, Row]) -> None:
    """Check an event as WorkOS would, against the newest schema of its action.

    Raises:
        InvalidParameters: if a part is missing or has the wrong type.
        InvalidEvent: if the action or a type of target is not configured, or metadata does not fit the schema.
    """
    event.only("action", "occurred_at", "actor", "targets", "context", "metadata", "version")
    action = event.text("action")
    _check_occurred_at(event)
    _check_party(event.nested("actor"), "/actor")
    targets = event.all_nested("targets")
    for place, target in enumerate(targets):
        _check_party(target, f"/targets/{place}")
    _check_context(event.nested("context"))
    _check_version(event)
    _check_metadata(event, "")
    if action not in schemas:
        raise InvalidEvent("/action", f"The action is not configured. {_HINT}")
    _check_schema(event, targets, schemas[action])


def _check_schema(event: Body, targets: list[Body], schema: Row) -> None:
    declared = schema["targets"] if isinstance(schema["targets"], list) else []
    types = {each["type"]: each.get("metadata") or {} for each in declared}
    for place, target in enumerate(targets):
        if target.text("type") not in types:
            raise InvalidEvent("/targets", f"A target has a type that is not configured for the action. {_HINT}")
        _check_fit(target, types[target.text("type")], f"/targets/{place}")
    actor, metadata = schema.get("actor"), schema.get("metadata")
    _check_fit(event.nested("actor"), actor["metadata"] if isinstance(actor, dict) else {}, "/actor")
    _check_fit(event, metadata if isinstance(metadata, dict) else {}, "")


def _check_fit(owner: Body, schema: Row, instance_path: str) -> None:
    """Check metadata against the JSON schema of its action. Without a schema all metadata fits."""
    for error in Draft7Validator(schema).iter_errors(owner.values.get("metadata", {})):
        where = "/".join([f"{instance_path}/metadata", *map(str, error.absolute_path)])
        raise InvalidEvent(where, error.message)


def _check_occurred_at(event: Body) -> None:
    text = event.text("occurred_at")
    if not (_OCCURRED_AT.fullmatch(text) and _exists(text)):
        raise InvalidParameters("event.occurred_at", why="It must be an ISO 8601 time that ends in Z.")


def _exists(time: str) -> bool:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return False
    return True


def _check_party(party: Body, instance_path: str) -> None:
    party.only("id", "type", "name", "metadata")
    party.text("id")
    party.text("type")
    party.optional_text("name")
    _check_metadata(party, instance_path)


def _check_context(context: Body) -> None:
    context.only("location", "user_agent")
    context.text("location")
    context.optional_text("user_agent")


def _check_version(event: Body) -> None:
    version = event.values.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool):
        raise InvalidParameters("event.version", why="It must be a whole number.")


def _check_metadata(owner: Body, instance_path: str) -> None:
    """Check metadata: at most 50 keys of 40 characters; values are numbers, booleans or strings of 500."""
    if "metadata" not in owner.values:
        return
    metadata = owner.nested("metadata")
    if len(metadata.values) > 50:
        raise InvalidEvent(f"{instance_path}/metadata", "It has more than 50 keys.")
    for key, value in metadata.values.items():
        if not _METADATA_KEY.fullmatch(key):
            raise InvalidEvent(f"{instance_path}/metadata", "A key has other characters than a-z, 0-9, _ and -.")
        if not isinstance(value, str | int | float) or (isinstance(value, str) and len(value) > 500):
            raise InvalidEvent(f"{instance_path}/metadata/{key}", "It is no number, truth value or short string.")
