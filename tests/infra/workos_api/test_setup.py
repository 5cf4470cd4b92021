"""What an operator sets up in an environment, through the SDK: each kind is created once, shown, and used."""

from typing import Any

import pytest
from workos import ConflictError, NotFoundError, UnprocessableEntityError
from workos.audit_logs.models import AuditLogSchemaActorInput, AuditLogSchemaTargetInput
from workos.authorization import ResourceTargetById

from infra.local.authkit.machines import Machines
from tests.infra.workos_api.rig import ENGINES, GRACE_AT_ENGINES, Api
from tests.infra.workos_api.test_audit_logs import body

pytestmark = pytest.mark.broad

TEMPLATE = '{"role": {{ organization_membership.role }}}'
ROOT_OF_ENGINES = "authz_resource_01LOCALANALYTICALENGINES00"
ADDRESSES = [
    ("redirect_uris", "uri", "https://app.example.com/callback", 422),
    ("cors_origins", "origin", "https://app.example.com", 409),
]


def test_a_permission_is_created_once_and_then_listed(api: Api) -> None:
    made = api.ask(lambda workos: workos.authorization.create_permission(slug="moon:read", name="Read the moon"))
    with pytest.raises(ConflictError) as conflict:
        api.ask(lambda workos: workos.authorization.create_permission(slug="moon:read", name="Again"))
    listed = api.ask(lambda workos: workos.authorization.list_permissions())

    assert (made.slug, made.system, made.resource_type_slug) == ("moon:read", False, "organization")
    assert conflict.value.code == "permission_slug_conflict"
    assert listed.data[0] == made


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("slug", "name", "description"),
    [("Moon", "x", None), ("a" * 49, "x", None), ("moon", "x" * 49, None), ("moon", "x", "y" * 151)],
)
def test_a_permission_that_workos_would_refuse_is_refused(
    slug: str, name: str, description: str | None, api: Api
) -> None:
    with pytest.raises(UnprocessableEntityError):
        api.ask(
            lambda workos: workos.authorization.create_permission(slug=slug, name=name, description=description)
        )


def test_a_new_role_carries_what_it_is_given_and_its_members_may_use_it(api: Api) -> None:
    role = api.ask(lambda workos: workos.authorization.create_environment_role(slug="auditor", name="Auditor"))
    with pytest.raises(ConflictError):
        api.ask(lambda workos: workos.authorization.create_environment_role(slug="auditor", name="Auditor"))
    api.ask(lambda workos: workos.authorization.create_permission(slug="moon:read", name="Read the moon"))
    for _ in range(2):
        member = api.ask(
            lambda workos: workos.authorization.add_environment_role_permission("member", body_slug="moon:read")
        )
    checked = api.ask(
        lambda workos: workos.authorization.check(
            GRACE_AT_ENGINES,
            permission_slug="moon:read",
            resource_target=ResourceTargetById(resource_id=ROOT_OF_ENGINES),
        )
    )

    assert role.permissions == []
    assert member.permissions == ["reports:read", "moon:read"]
    assert checked.authorized


@pytest.mark.matrix
@pytest.mark.parametrize("slug", ["Admin", "a b", "x" * 49])
def test_a_role_that_workos_would_refuse_is_refused(slug: str, api: Api) -> None:
    with pytest.raises(UnprocessableEntityError):
        api.ask(lambda workos: workos.authorization.create_environment_role(slug=slug, name="x"))


def test_a_template_is_written_and_replaced_as_a_whole(api: Api) -> None:
    first = api.ask(lambda workos: workos.user_management.update_jwt_template(content='{"a": "b"}'))
    api.clock.pass_by(60)
    second = api.ask(lambda workos: workos.user_management.update_jwt_template(content=TEMPLATE))

    assert second.content == api.ask(lambda workos: workos.user_management.list_jwt_template()).content == TEMPLATE
    assert (second.created_at, second.updated_at > first.updated_at) == (first.created_at, True)


def test_a_template_that_cannot_be_is_refused_and_the_one_before_stays(api: Api) -> None:
    api.ask(lambda workos: workos.user_management.update_jwt_template(content=TEMPLATE))
    with pytest.raises(UnprocessableEntityError, match="reserved"):
        api.ask(lambda workos: workos.user_management.update_jwt_template(content='{"sub": "x"}'))

    assert api.ask(lambda workos: workos.user_management.list_jwt_template()).content == TEMPLATE


def test_a_schema_like_the_newest_one_is_no_new_version(api: Api) -> None:
    def create(*types: str) -> int:
        targets = [AuditLogSchemaTargetInput(type=each) for each in types]
        return api.ask(lambda workos: workos.audit_logs.create_schema("moon.seen", targets=targets)).version

    assert [create("moon"), create("moon"), create("moon", "star")] == [1, 1, 2]
    versions = api.ask(lambda workos: workos.audit_logs.list_action_schemas("moon.seen"))
    actions = api.ask(lambda workos: workos.audit_logs.list_actions())
    assert [each.version for each in versions.data] == [2, 1]
    assert [each.schema.version for each in actions.data if each.name == "moon.seen"] == [2]
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.audit_logs.list_action_schemas("moon.burned"))


def test_events_have_to_fit_the_schema_of_their_action(api: Api) -> None:
    number = {"type": "object", "properties": {"pages": {"type": "number"}}}
    api.ask(
        lambda workos: workos.audit_logs.create_schema(
            "document.viewed",
            actor=AuditLogSchemaActorInput(metadata={"type": "object"}),
            targets=[AuditLogSchemaTargetInput(type="document", metadata=number)],
            metadata={"type": "object", "properties": {"tool": {"type": "string"}}},
        )
    )

    assert api.http.post("/audit_logs/events", json=body()).status_code == 200
    for change, where in (
        ({"metadata": {"tool": 1}}, "/metadata/tool"),
        ({"targets": [{"id": "x", "type": "document", "metadata": {"pages": "66"}}]}, "/targets/0/metadata/pages"),
    ):
        refused = api.http.post("/audit_logs/events", json=body(**change))
        assert (refused.status_code, refused.json()["errors"][0]["instancePath"]) == (400, where)


@pytest.mark.matrix
@pytest.mark.parametrize("metadata", [{"type": "string"}, "text"])
def test_a_schema_of_metadata_describes_an_object(metadata: object, api: Api) -> None:
    answer = api.http.post(
        "/audit_logs/actions/x.y/schemas", json={"targets": [{"type": "x"}], "metadata": metadata}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(("kind", "name", "value", "conflict"), ADDRESSES)
def test_an_address_is_registered_once(kind: str, name: str, value: str, conflict: int, api: Api) -> None:
    path = f"/user_management/{kind}"
    made = api.http.post(path, json={name: value})

    assert made.status_code == 201
    assert api.http.post(path, json={name: value}).status_code == conflict
    assert api.http.get(path).json()["data"] == [made.json()]


def test_the_sdk_reads_addresses(api: Api) -> None:
    uri = api.ask(lambda workos: workos.user_management.create_redirect_uri(uri=ADDRESSES[0][2]))
    origin = api.ask(lambda workos: workos.user_management.create_cors_origin(origin=ADDRESSES[1][2]))

    assert api.ask(lambda workos: workos.user_management.list_redirect_uris()).data == [uri]
    assert api.ask(lambda workos: workos.user_management.list_cors_origins()).data == [origin]


@pytest.mark.matrix
@pytest.mark.parametrize("value", ["app.example.com", "https://a b.example", "https://[x", "ftp://x.example"])
@pytest.mark.parametrize(("kind", "name"), [each[:2] for each in ADDRESSES])
def test_an_address_that_is_not_a_web_address_is_refused(kind: str, name: str, value: str, api: Api) -> None:
    assert api.http.post(f"/user_management/{kind}", json={name: value}).status_code == 422


def test_a_machine_application_shows_its_secret_once(api: Api) -> None:
    made: Any = api.ask(
        lambda workos: workos.connect.create_m2m_application(
            name="Nightly", organization_id=ENGINES, scopes=["reports:read"]
        )
    )
    before = api.ask(lambda workos: workos.connect.list_application_client_secrets(made.id))
    secret = api.ask(lambda workos: workos.connect.create_application_client_secret(made.client_id))
    after = api.http.get(f"/connect/applications/{made.id}/client_secrets").text

    assert before == []
    assert secret.secret.endswith(secret.secret_hint)
    assert (secret.id in after, secret.secret in after) == (True, False)
    found: Any = api.ask(lambda workos: workos.connect.list_applications(organization_id=ENGINES))
    assert "Nightly" in [each.name for each in found.data]
    assert api.ask(lambda workos: workos.connect.get_application(made.id)) == made


def test_only_machine_applications_are_created_here(api: Api) -> None:
    with pytest.raises(UnprocessableEntityError, match="only applications of the type m2m"):
        api.ask(lambda workos: workos.connect.create_oauth_application(name="x", is_first_party=True))


@pytest.mark.matrix
@pytest.mark.parametrize("scopes", ["reports:read", [1], [""]])
def test_scopes_are_a_list_of_texts(scopes: object, api: Api) -> None:
    wanted = {"application_type": "m2m", "name": "x", "organization_id": ENGINES, "scopes": scopes}
    assert api.http.post("/connect/applications", json=wanted).status_code == 422


def test_each_secret_of_an_application_opens_the_door(api: Api) -> None:
    machines = Machines(api.seed, api.clock)
    machine = machines.add("Nightly", ENGINES, None, ())
    assert machines.find_client(machine.client_id) is None
    values = [machines.add_secret(machine)[1] for _ in range(3)]
    client = machines.find_client(machine.client_id)

    assert client is not None
    assert [client.accepts_secret(each) for each in (*values, "guess")] == [True, True, True, False]
