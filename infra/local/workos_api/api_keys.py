"""API keys of users and organisations: made, listed, expired and deleted, and asked about by their value."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.seed.rows import ApiKey, Seed
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound, InvalidParameters
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.permissions import Permissions
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times, written, written_epoch
from infra.local.workos_api.users import Users

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class _Key:
    value: str = field(repr=False)
    row: Row
    """As the API shows it."""
    expires_at: float | None


class ApiKeys:
    """The keys of the environment. Changes end with a restart of the stand-in."""

    def __init__(
        self, seed: Seed, users: Users, organizations: Organizations, permissions: Permissions, clock: Clock
    ) -> None:
        self._seed = seed
        self._users = users
        self._organizations = organizations
        self._clock = clock
        self._permissions = permissions
        self._keys: dict[str, _Key] = {}
        for place, key in enumerate(seed.api_keys):
            if not key.revoked:
                expires_at = None if key.expires_at is None else _seconds(key.expires_at)
                row = _row(key, expires_at, seeded_times(place))
                self._keys[key.id] = _Key(key.value, row, expires_at)

    async def validate(self, request: Request) -> Response:
        """Answer the key with this value. Of unknown, deleted and expired ones alike it says nothing."""
        body = await read_body(request)
        body.only("value")
        value, now = body.text("value"), self._clock()
        key = next((each for each in self._keys.values() if each.value == value), None)
        if key is None or (key.expires_at is not None and key.expires_at <= now):
            return JSONResponse({"api_key": None})
        shown = dict(key.row)
        key.row["last_used_at"] = written_epoch(now)
        return JSONResponse({"api_key": shown})

    async def list_organization(self, request: Request) -> Response:
        organization = str(self._organizations.find(request.path_params["organization_id"])["id"])
        return self._answer_page(request, {"type": "organization", "id": organization})

    async def create_organization(self, request: Request) -> Response:
        organization = str(self._organizations.find(request.path_params["organization_id"])["id"])
        body = await read_body(request)
        body.only("name", "permissions", "expires_at")
        return self._create(body, organization, None)

    async def list_user(self, request: Request) -> Response:
        user = str(self._users.find(request.path_params["user_id"])["id"])
        query = read_query(request, "organization_id")
        organization = query.filter("organization_id")
        rows = [key.row for key in self._keys.values() if _is_owned_by(key.row, user, organization)]
        return answer_page(rows, query)

    async def create_user(self, request: Request) -> Response:
        user = str(self._users.find(request.path_params["user_id"])["id"])
        body = await read_body(request)
        body.only("name", "organization_id", "permissions", "expires_at")
        organization = str(self._organizations.find(body.text("organization_id"))["id"])
        if self._seed.membership(user, organization) is None:
            raise ApiError(422, "The user has no active membership in the organization.")
        return self._create(body, organization, user)

    async def expire(self, request: Request) -> Response:
        key = self._find(request)
        body = await read_body(request)
        body.only("expires_at")
        now = self._clock()
        if key.expires_at is not None and key.expires_at <= now:
            raise ApiError(409, "API key is already expired", "api_key_already_expired")
        given = body.values.get("expires_at", ...)
        expires_at = None if given is None else now if given is ... else max(now, _read_time(body))
        key.row["expires_at"] = None if expires_at is None else written_epoch(expires_at)
        key.row["updated_at"] = written_epoch(now)
        self._keys[str(key.row["id"])] = replace(key, expires_at=expires_at)
        return JSONResponse(key.row)

    async def delete(self, request: Request) -> Response:
        del self._keys[str(self._find(request).row["id"])]
        return Response(status_code=204)

    def _find(self, request: Request) -> _Key:
        id_ = request.path_params["id"]
        if id_ not in self._keys:
            raise EntityNotFound("API Key", id_)
        return self._keys[id_]

    def _answer_page(self, request: Request, owner: Row) -> Response:
        rows = [key.row for key in self._keys.values() if key.row["owner"] == owner]
        return answer_page(rows, read_query(request))

    def _create(self, body: Body, organization: str, user: str | None) -> Response:
        name, now = body.text("name"), self._clock()
        if len(name) > MAX_NAME_CHARACTERS:
            raise InvalidParameters("name", why="It is too long.")
        expires_at = _read_time(body) if "expires_at" in body.values else None
        if expires_at is not None and expires_at <= now:
            raise InvalidParameters("expires_at", why="It must be in the future.")
        value = f"sk_{secrets.token_hex(24)}"
        times: Row = {"created_at": written_epoch(now), "updated_at": written_epoch(now)}
        key = ApiKey(new_id("api_key"), value, name, organization, user, self._read_permissions(body))
        row = _row(key, expires_at, times)
        self._keys[key.id] = _Key(value, row, expires_at)
        return JSONResponse({**row, "value": value}, 201)

    def _read_permissions(self, body: Body) -> tuple[str, ...]:
        given = body.values.get("permissions", [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise InvalidParameters("permissions", why="It must be an array of strings.")
        known = {row["slug"] for row in self._permissions.rows}
        for slug in given:
            if slug not in known:
                raise InvalidParameters("permissions", why=f"There is no permission {slug!r}.")
        return tuple(given)


def _is_owned_by(row: Row, user: str, organization: str | None) -> bool:
    owner = row["owner"]
    if not isinstance(owner, dict) or (owner["type"], owner["id"]) != ("user", user):
        return False
    return organization in (None, owner["organization_id"])


def _row(key: ApiKey, expires_at: float | None, times: Row) -> Row:
    owner: Row = {"type": "organization", "id": key.organization}
    if key.user is not None:
        owner = {"type": "user", "id": key.user, "organization_id": key.organization}
    return {
        "object": "api_key",
        "id": key.id,
        "owner": owner,
        "name": key.name,
        "obfuscated_value": f"sk_...{key.value[-4:]}",
        "last_used_at": None,
        "expires_at": None if expires_at is None else written_epoch(expires_at),
        "permissions": list(key.permissions),
        **times,
    }


def _read_time(body: Body) -> float:
    text = body.text("expires_at")
    try:
        return _seconds(text)
    except ValueError:
        raise InvalidParameters("expires_at", why="It must be an ISO 8601 time with a zone.") from None


def _seconds(text: str) -> float:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return datetime.fromisoformat(written(time)).timestamp()
