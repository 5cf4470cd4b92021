"""JWT templates by the rules that WorkOS documents."""

import json
from typing import Any

import pytest

from infra.local.jwt_template import JwtTemplate, read_template
from infra.local.template_language import TemplateError

ADA: dict[str, Any] = {
    "user": {"id": "user_1", "email": "ada@example.com", "first_name": "Ada", "last_name": None, "metadata": {}},
    "organization": {"id": "org_1", "domains": [{"domain": "a.example"}, {"domain": "b.example"}]},
    "organization_membership": {"id": "om_1", "role": "admin", "roles": ["admin", "member"]},
}
NOBODYS: dict[str, Any] = {"user": ADA["user"]}


def rendered(content: str, context: dict[str, Any] = ADA) -> dict[str, object]:
    template = JwtTemplate()
    template.set_content(content)
    return template.render(context)


@pytest.mark.parametrize(
    ("content", "claims"),
    [
        ('{"a": {{ user.email }}}', {"a": "ada@example.com"}),
        ('{"a":{{user.email}}}', {"a": "ada@example.com"}),
        ('{"a": "{{ user.first_name }} of {{ organization.domains.1.domain }}"}', {"a": "Ada of b.example"}),
        ('{"a": {{ organization_membership.roles }}}', {"a": ["admin", "member"]}),
        ('{"a": {{ user.metadata.nickname || user.last_name || user.email }}}', {"a": "ada@example.com"}),
        ("""{"a": {{ user.last_name || 'none' }}}""", {"a": "none"}),
        ("""{"a": {{ user.last_name || "none" }}}""", {"a": "none"}),
        ("""{"a": "{{ user.last_name || 'a "quoted" none' }}"}""", {"a": 'a "quoted" none'}),
        ('{"a": "said \\"{{ user.first_name }}\\"", "b": 1}', {"a": 'said "Ada"', "b": 1}),
        ('{"a": "{{ user.email_verified }}{{ user.missing || user.id }}"}', {"a": "user_1"}),
        # Null: a claim that is null is left out, in a string it is nothing, and blanks at the ends go.
        ('{"a": {{ user.last_name }}, "b": 2}', {"b": 2}),
        ('{"a": "{{ user.first_name }} {{ user.last_name }}"}', {"a": "Ada"}),
        ('{"a": "{{ user.last_name }}"}', {"a": ""}),
        ('{"a": {{ organization.domains.2.domain }}}', {}),
        ('{"a": {{ user.email.domain }}}', {}),
        # The whole of an object, and what an identity provider adds.
        ('{"a": {{ user.metadata }}}', {"a": {}}),
        ('{"a": {{ organization_membership.custom_attributes.team }}, "b": true}', {"b": True}),
        # What WorkOS does not reserve may be replaced.
        ('{"aud": "client_1", "role": "authenticated"}', {"aud": "client_1", "role": "authenticated"}),
    ],
)
def test_a_template_renders_as_documented(content: str, claims: dict[str, object]) -> None:
    if "user.missing" in content:
        content = content.replace("user.missing", "user.metadata.missing")
    assert rendered(content) == claims


def test_truth_values_and_numbers_keep_their_kind_outside_of_strings() -> None:
    context = {"user": {"email_verified": False, "metadata": {"age": 3}}}
    assert rendered('{"a": {{ user.email_verified }}, "b": {{ user.metadata.age }}}', context) == {
        "a": False,
        "b": 3,
    }
    assert rendered('{"a": "{{ user.email_verified }} {{ user.metadata.age }}"}', context) == {"a": "false 3"}
    assert rendered('{"a": "{{ user.email_verified }}"}', {"user": {"email_verified": True}}) == {"a": "true"}


def test_without_an_organization_a_role_is_missing_or_with_quotes_around_it_empty() -> None:
    assert rendered('{"role": {{ organization_membership.role }}, "b": 1}', NOBODYS) == {"b": 1}
    assert rendered('{"role": "{{ organization_membership.role }}"}', NOBODYS) == {"role": ""}


def test_text_of_a_user_stays_text() -> None:
    context = {"user": {"first_name": '", "role": "admin', "last_name": "{{ user.id }}"}}
    for content in ('{"a": "{{ user.first_name }}{{ user.last_name }}"}', '{"a": {{ user.first_name }}}'):
        assert rendered(content, context).keys() == {"a"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": {{ user.email }', "}} is missing"),
        ('{"a": {{}}}', "is not made of paths"),
        ('{"a": {{ user.email && user.id }}}', "is not made of paths"),
        ('{"a": {{ user.email || || user.id }}}', "is not made of paths"),
        ('{"a": {{ users.email }}}', "begin with user, organization, organization_membership"),
        (
            '{"a": {{ organization_membership.permissions }}}',
            "organization_membership has object, id, role, roles",
        ),
        ("""{"a": {{ 'x' || user.password }}}""", "'user.password' is an invalid path"),
        ('{"a": "{{ user.metadata }}"}', "cannot stand inside a string"),
        ('{"a": "{{ organization_membership.roles }}"}', "cannot stand inside a string"),
        ("[{{ user.email }}]", "an object with at least one key"),
        ("{}", "an object with at least one key"),
        ("{{ user.email }}", "an object with at least one key"),
        ('{"a": }', "does not render to JSON"),
        ('{"a": \\ }', "does not render to JSON"),
        ("[" * 100_000, "does not render to JSON"),
        ("", "does not render to JSON"),
        *[(json.dumps({name: "x"}), f"it sets {name}") for name in ("iss", "sub", "exp", "iat", "nbf", "jti")],
    ],
)
def test_what_workos_refuses_is_refused_and_the_template_before_stays(content: str, said: str) -> None:
    template = JwtTemplate(["role"])
    before = template.content
    with pytest.raises(TemplateError) as refused:
        template.set_content(content)
    assert said in str(refused.value)
    assert template.content == before


def test_claims_are_at_most_as_long_as_a_cookie_allows() -> None:
    template = JwtTemplate()
    template.set_content('{"a": {{ user.first_name }}}')
    assert template.render({"user": {"first_name": "x" * 3064}})
    with pytest.raises(TemplateError, match="more than 3072 bytes"):
        template.render({"user": {"first_name": "x" * 3065}})


@pytest.mark.parametrize("name", ["permissions", "feature_flags", "entitlements"])
def test_no_template_has_what_workos_does_not_show_it(name: str) -> None:
    with pytest.raises(TemplateError, match=f"no JWT template has {name}"):
        JwtTemplate(["role", name])


@pytest.mark.parametrize(
    ("environ", "content"),
    [
        ({}, '{"role": {{ organization_membership.role }}}'),
        ({"JWT_TEMPLATE": ""}, None),
        (
            {"JWT_TEMPLATE": "roles organization_membership_id"},
            (
                '{"roles": {{ organization_membership.roles }},'
                ' "organization_membership_id": {{ organization_membership.id }}}'
            ),
        ),
        ({"JWT_TEMPLATE": '{"a": 1}'}, '{"a": 1}'),
    ],
)
def test_the_environment_replaces_the_template_of_the_seed(environ: dict[str, str], content: str | None) -> None:
    assert read_template(["role"], environ).content == content


def test_a_wrong_one_in_the_environment_is_named() -> None:
    with pytest.raises(TemplateError, match=r"^JWT_TEMPLATE: 'email' is unknown; choose from role, roles"):
        read_template([], {"JWT_TEMPLATE": "email"})
