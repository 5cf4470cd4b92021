"""The JWT template, which the dashboard sets and operators read."""

import pytest
from workos import NotFoundError

from infra.local.jwt_template import JwtTemplate
from infra.local.workos_api import create_workos_api
from tests.infra.authkit.rig import Clock, Stage
from tests.infra.workos_api.rig import Api


def test_an_environment_without_a_template_has_none_to_show(api: Api) -> None:
    with pytest.raises(NotFoundError, match="JWT template not found"):
        api.ask(lambda workos: workos.user_management.list_jwt_template())


def test_the_template_is_shown_as_it_was_written(api: Api, stage: tuple[Stage, object]) -> None:
    template = JwtTemplate(["role"])
    stage[0].app = create_workos_api(api.seed, template=template, clock=Clock())

    shown = api.ask(lambda workos: workos.user_management.list_jwt_template())

    assert (shown.object, shown.content) == ("jwt_template", '{"role": {{ organization_membership.role }}}')


def test_a_route_that_the_stand_in_lacks_is_told_to_the_developer(api: Api, stage: tuple[Stage, object]) -> None:
    said: list[str] = []
    stage[0].app = create_workos_api(api.seed, clock=Clock(), say=said.append)

    answer = api.http.get("/radar/lists/x")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert said == ["  The local WorkOS API has no GET /radar/lists/x; production may have it."]
    api.http.delete(f"/{'x' * 500}")
    assert len(said[1]) < 310
