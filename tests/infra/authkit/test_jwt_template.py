"""The JWT template in tokens: whom it concerns, and from when on."""

from dataclasses import replace

import pytest

from infra.local.seed.rows import Seed
from tests.infra.authkit.conftest import StartAuthKit
from tests.infra.authkit.rig import ADA, ALAN, GRACE, HEDY, HOOK, AuthKit, claims_of

MACHINE = {"client_id": "client_01LOCALMACHINE00000000000", "client_secret": "local-machine-secret"}
ALL = ("role", "roles", "organization_membership_id")


@pytest.fixture
def authkit(start: StartAuthKit, seed: Seed) -> AuthKit:
    return start(seed=replace(seed, template_claims=ALL))


@pytest.mark.parametrize(
    ("user", "organization", "roles", "membership"),
    [
        (ADA, None, ["admin"], "om_01LOCALADAANALYTICAL0000000"),
        (GRACE, "org_01LOCALCOMPILERWORKS000000", ["admin"], "om_01LOCALGRACECOMPILER0000000"),
        (GRACE, "org_01LOCALANALYTICALENGINES00", ["member"], "om_01LOCALGRACEANALYTICAL00000"),
        (HEDY, None, ["member", "org-auditor"], "om_01LOCALHEDYCOMPILER00000000"),
    ],
)
def test_it_adds_what_the_chosen_membership_has(
    authkit: AuthKit, user: str, organization: str | None, roles: list[str], membership: str
) -> None:
    claims = claims_of(authkit.tokens(user, organization)["access_token"])
    assert (claims["role"], claims["roles"]) == (roles[0], roles)
    assert claims["organization_membership_id"] == membership


def test_without_an_organization_those_claims_are_missing(authkit: AuthKit) -> None:
    assert not claims_of(authkit.tokens(ALAN)["access_token"]).keys() & {*ALL}
    assert not authkit.minted(user=GRACE, organization=None).keys() & {*ALL}


def test_what_it_says_of_the_user_needs_no_organization(authkit: AuthKit) -> None:
    content = '{"email": {{ user.email }}, "role": "{{ organization_membership.role }}"}'
    authkit.hook("jwt-template", {"content": content})
    claims = authkit.minted(user=ALAN)
    assert (claims["email"], claims["role"]) == (ALAN, "")


def test_it_concerns_no_machine_and_no_id_token(authkit: AuthKit) -> None:
    authkit.hook("jwt-template", {"content": '{"tier": "gold"}'})
    machine = authkit.token(grant_type="client_credentials", **MACHINE).json()["access_token"]
    answer = authkit.tokens(client_id=authkit.new_client())
    assert "tier" not in claims_of(machine).keys() | authkit.minted(machine=True).keys()
    assert "tier" not in claims_of(answer["id_token"])
    assert claims_of(answer["access_token"])["tier"] == "gold"


def test_each_token_follows_a_new_template_at_once(authkit: AuthKit) -> None:
    answer = authkit.tokens()
    assert authkit.hook("jwt-template", {"claims": ["role"]}).json() == {
        "content": '{"role": {{ organization_membership.role }}}'
    }
    refreshed = authkit.refresh(answer["refresh_token"]).json()
    for claims in (
        claims_of(refreshed["access_token"]),
        authkit.minted(),
        claims_of(authkit.tokens()["access_token"]),
    ):
        assert claims.keys() & {*ALL} == {"role"}
    authkit.hook("jwt-template", {"claims": []})
    assert authkit.http.get("/_local/jwt-template", headers=HOOK).json() == {"content": None}
    assert not authkit.minted().keys() & {*ALL}


def test_it_may_replace_what_is_not_reserved(authkit: AuthKit) -> None:
    authkit.hook("jwt-template", {"content": '{"aud": "client_1", "scope": "a"}'})
    assert (authkit.minted()["aud"], authkit.minted()["scope"]) == ("client_1", "a")


def test_one_that_is_too_long_for_a_user_gives_no_token(authkit: AuthKit) -> None:
    authkit.hook("jwt-template", {"content": '{"a": "' + "x" * 3050 + '{{ user.email }}"}'})
    answer = authkit.hook("token")
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert "more than 3072 bytes" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Send claims, a list of their names, or content"),
        ({"claims": "role"}, "Send claims"),
        ({"claims": ["role"], "content": "{}"}, "Send claims"),
        ({"content": 1}, "Send claims"),
        ({"claims": ["permissions"]}, "WorkOS would refuse this template: no JWT template has permissions"),
        ({"claims": [1]}, "'1' is unknown"),
        ({"content": '{"sub": "x"}'}, "it sets sub, which is reserved"),
    ],
)
def test_one_that_workos_would_refuse_is_refused(authkit: AuthKit, body: dict[str, object], said: str) -> None:
    answer = authkit.hook("jwt-template", body)
    assert answer.status_code == 400
    assert said in answer.json()["error_description"]
    assert authkit.minted()["role"] == "admin"
