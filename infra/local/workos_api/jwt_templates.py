"""The environment's JWT template in the API: the same one that the local AuthKit renders."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.jwt_template import JwtTemplate
from infra.local.workos_api.errors import ApiError
from infra.local.workos_api.timestamps import seeded_times


@dataclass(frozen=True, slots=True)
class JwtTemplates:
    template: JwtTemplate

    async def get(self, _request: Request) -> Response:
        """Return the template; an environment without one answers 404, as the API reference says."""
        if self.template.content is None:
            raise ApiError(404, "JWT template not found.", "entity_not_found")
        return JSONResponse({"object": "jwt_template", "content": self.template.content, **seeded_times(0)})
