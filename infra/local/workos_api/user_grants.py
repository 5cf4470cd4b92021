"""What a user granted: the applications that the user let in, and the user's sessions."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from infra.local.authkit.authorizations import Authorization, Authorizations
from infra.local.authkit.sessions import Session, Sessions
from infra.local.workos_api.body import read_body
from infra.local.workos_api.errors import ApiError, EntityNotFound
from infra.local.workos_api.paging import answer_page
from infra.local.workos_api.query import read_query
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import written_epoch
from infra.local.workos_api.users import Users


@dataclass(frozen=True, slots=True)
class UserGrants:
    users: Users
    authorizations: Authorizations
    sessions: Sessions

    async def list_applications(self, request: Request) -> Response:
        user_id = self._find_user(request)
        return answer_page(
            [_application_row(each) for each in self.authorizations.list_for(user_id)], read_query(request)
        )

    async def delete_application(self, request: Request) -> Response:
        """End a user's consent to an application, which is named by its id or its client id."""
        user_id, application = self._find_user(request), request.path_params["application_id"]
        if not self.authorizations.end(user_id, application):
            raise EntityNotFound("Authorized Connect Application", application)
        return Response(status_code=204)

    async def list_sessions(self, request: Request) -> Response:
        user_id = self._find_user(request)
        return answer_page([_session_row(each) for each in self.sessions.list_for(user_id)], read_query(request))

    async def revoke_session(self, request: Request) -> Response:
        body = await read_body(request)
        body.only("session_id", "return_to")
        id_ = body.text("session_id")
        if not self.sessions.end(id_):
            # WorkOS' OpenAPI document has 400 here, and no 404.
            raise ApiError(400, f"Session not found: '{id_}'.")
        return Response()

    def _find_user(self, request: Request) -> str:
        return str(self.users.find(request.path_params["user_id"])["id"])


def _application_row(authorization: Authorization) -> Row:
    granted = written_epoch(authorization.granted_at)
    resource = {"oauth_resource": authorization.resource} if authorization.resource else {}
    return {
        "object": "authorized_connect_application",
        "id": authorization.id,
        "granted_scopes": list(authorization.scopes),
        **resource,
        "application": {
            "object": "connect_application",
            "id": authorization.application_id,
            "client_id": authorization.client_id,
            "description": None,
            "name": authorization.name,
            "scopes": list(authorization.scopes),
            "created_at": granted,
            "updated_at": granted,
            "application_type": "oauth",
            "redirect_uris": [
                {"uri": uri, "default": place == 0} for place, uri in enumerate(authorization.redirect_uris)
            ],
            "cors_origins": [],
            "uses_pkce": True,
            "is_first_party": False,
            # WorkOS has no third kind: an application that nobody registered belongs to an organisation.
            "was_dynamically_registered": True,
        },
    }


def _session_row(session: Session) -> Row:
    created = written_epoch(session.created_at)
    return {
        "object": "session",
        "id": session.id,
        "user_id": session.user_id,
        "ip_address": "127.0.0.1",
        "user_agent": session.user_agent,
        "auth_method": "password",
        "status": "active",
        "expires_at": written_epoch(session.expires_at),
        "ended_at": None,
        "created_at": created,
        "updated_at": created,
    }
