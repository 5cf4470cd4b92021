"""The schemas of audit log actions. The newest version of an action's schema is what its events must fit."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.seed.rows import AuditLogAction, Seed
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import EntityNotFound, InvalidParameters
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times, written_epoch


class AuditLogSchemas:
    def __init__(self, seed: Seed, clock: Clock) -> None:
        self._clock = clock
        self._schemas: dict[str, list[Row]] = {}
        self._actions: list[Row] = []
        for place, action in enumerate(seed.audit_log_actions):
            created = seeded_times(place)["created_at"]
            self._add(action.action, _seeded_parts(action), str(created))

    @property
    def newest(self) -> Mapping[str, Row]:
        """The newest schema of each action, by the name of the action."""
        return {name: versions[-1] for name, versions in self._schemas.items()}

    async def list_actions(self, request: Request) -> Response:
        rows = [each | {"schema": self._schemas[str(each["name"])][-1]} for each in self._actions]
        return answer_page([_without_id(each) for each in rows], read_query(request), hidden=("id",))

    async def list_schemas(self, request: Request) -> Response:
        name = request.path_params["action_name"]
        if name not in self._schemas:
            raise EntityNotFound("Audit Log Action", name)
        return answer_page(self._schemas[name], read_query(request), hidden=("id",))

    async def create(self, request: Request) -> Response:
        """Create the action or a new version of its schema. A schema like the newest one creates nothing."""
        name, body = request.path_params["action_name"], await read_body(request)
        parts = _read_parts(body)
        versions = self._schemas.get(name, [])
        if not versions or {each: versions[-1].get(each) for each in parts} != parts:
            self._add(name, parts, written_epoch(self._clock()))
        shown = self._schemas[name][-1]
        return JSONResponse({field: value for field, value in shown.items() if field != "id"}, 201)

    def _add(self, name: str, parts: Row, created: str) -> None:
        versions = self._schemas.setdefault(name, [])
        if not versions:
            # The id is a cursor only: as in the API, neither actions nor schemas show one.
            times = {"created_at": created, "updated_at": created}
            action: Row = {
                "id": f"ala_01LOCAL{len(self._actions):019}",
                "object": "audit_log_action",
                "name": name,
            }
            self._actions.append(action | times)
        version = len(versions) + 1
        row: Row = {"id": f"als_01LOCAL{version:019}", "object": "audit_log_schema", "version": version}
        present = {each: value for each, value in parts.items() if value is not None}
        versions.append(row | present | {"created_at": created})


def _seeded_parts(action: AuditLogAction) -> Row:
    return {"targets": [{"type": each, "metadata": {}} for each in action.targets]}


def _without_id(action: Row) -> Row:
    schema = action["schema"]
    shown = {field: value for field, value in schema.items() if field != "id"} if isinstance(schema, dict) else {}
    return action | {"schema": shown}


def _read_parts(body: Body) -> Row:
    body.only("actor", "targets", "metadata")
    targets = []
    for target in body.all_nested("targets"):
        target.only("type", "metadata")
        targets.append({"type": target.text("type"), "metadata": _read_schema(target)})
    if not targets:
        raise InvalidParameters("targets", why="It must have at least one target.")
    actor = {"metadata": _read_schema(body.nested("actor"))} if "actor" in body.values else None
    metadata = _read_schema(body) if "metadata" in body.values else None
    return {"actor": actor, "targets": targets, "metadata": metadata}


def _read_schema(owner: Body) -> Row:
    """Read a JSON schema for metadata; an empty one allows all."""
    if "metadata" not in owner.values:
        return {}
    schema = owner.nested("metadata")
    if schema.values and schema.values.get("type") != "object":
        raise InvalidParameters(schema.field("type"), why='It must be "object".')
    return dict(schema.values)
