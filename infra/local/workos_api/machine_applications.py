"""Connect applications in the API: the machine applications that the local AuthKit gives tokens to."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.machines import ClientSecret, Machine, Machines
from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound, InvalidParameters
from infra.local.workos_api.organizations import Organizations
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import written_epoch

_KIND = "Connect Application"


@dataclass(frozen=True, slots=True)
class MachineApplications:
    machines: Machines
    organizations: Organizations

    async def page(self, request: Request) -> Response:
        query = read_query(request, "organization_id")
        wanted = query.filter("organization_id")
        found = [each for each in self.machines.machines if wanted in (None, each.organization_id)]
        return answer_page([_row(each) for each in found], query)

    async def get(self, request: Request) -> Response:
        return JSONResponse(_row(self._find(request)))

    async def create(self, request: Request) -> Response:
        body = await read_body(request)
        if body.text("application_type") != "m2m":
            raise ApiError(422, "The local WorkOS API creates only applications of the type m2m.")
        body.only("application_type", "name", "description", "scopes", "organization_id")
        name, description, scopes = body.text("name"), body.optional_text("description"), _read_scopes(body)
        organization_id = str(self.organizations.find(body.text("organization_id"))["id"])
        return JSONResponse(_row(self.machines.add(name, organization_id, description, scopes)), 201)

    async def list_secrets(self, request: Request) -> Response:
        return JSONResponse([_secret_row(each) for each in self._find(request).secrets])

    async def create_secret(self, request: Request) -> Response:
        """Create a secret. Its value is in this answer and in no other one."""
        secret, value = self.machines.add_secret(self._find(request))
        return JSONResponse(_secret_row(secret) | {"secret": value}, 201)

    def _find(self, request: Request) -> Machine:
        """Find an application by its id or its client id, as the API does."""
        id_ = request.path_params["id"]
        found = next((each for each in self.machines.machines if id_ in (each.id, each.client_id)), None)
        if found is None:
            raise EntityNotFound(_KIND, id_)
        return found


def _read_scopes(body: Body) -> tuple[str, ...]:
    scopes = body.values.get("scopes") or []
    if not isinstance(scopes, list) or not all(isinstance(each, str) and each for each in scopes):
        raise InvalidParameters("scopes", why="It must be an array of strings.")
    return tuple(scopes)


def _row(machine: Machine) -> Row:
    created = written_epoch(machine.created_at)
    return {
        "object": "connect_application",
        "id": machine.id,
        "client_id": machine.client_id,
        "name": machine.name,
        "description": machine.description,
        "scopes": list(machine.scopes),
        "application_type": "m2m",
        "organization_id": machine.organization_id,
        "created_at": created,
        "updated_at": created,
    }


def _secret_row(secret: ClientSecret) -> Row:
    created = written_epoch(secret.created_at)
    return {
        "object": "connect_application_secret",
        "id": secret.id,
        "secret_hint": secret.hint,
        "last_used_at": None,
        "created_at": created,
        "updated_at": created,
    }
