"""The environment's JWT template in the API: the same one that the local AuthKit renders."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.expiring import Clock
from infra.local.jwt_template import JwtTemplate
from infra.local.template_language import TemplateError
from infra.local.workos_api.body import read_body
from infra.local.workos_api.errors import ApiError
from infra.local.workos_api.rows import Row
from infra.local.workos_api.timestamps import seeded_times, written_epoch


class JwtTemplates:
    def __init__(self, template: JwtTemplate, clock: Clock) -> None:
        self.template = template
        self._clock = clock
        self._times = seeded_times(0)

    async def get(self, _request: Request) -> Response:
        """Return the template; an environment without one answers 404, as the API reference says."""
        if self.template.content is None:
            raise ApiError(404, "JWT template not found.", "entity_not_found")
        return JSONResponse(self._row())

    async def update(self, request: Request) -> Response:
        """Replace the template as a whole, or make the first one."""
        body = await read_body(request)
        body.only("content")
        now = written_epoch(self._clock())
        is_first = self.template.content is None
        try:
            self.template.set_content(body.text("content"))
        except TemplateError as error:
            raise ApiError(422, f"The JWT template is invalid: {error}.", "invalid_request_parameters") from None
        self._times = {"created_at": now if is_first else self._times["created_at"], "updated_at": now}
        return JSONResponse(self._row())

    def _row(self) -> Row:
        return {"object": "jwt_template", "content": self.template.content, **self._times}
