"""The seed file: who is in it, and what a wrong one says."""

from pathlib import Path

import pytest

from infra.local.seed.load import SEED_FILE, SeedError, load_seed
from infra.local.seed.rows import Seed


def test_the_seed_has_the_people_every_test_needs(seed: Seed) -> None:
    memberships = {user.email: len(seed.active_memberships(user.id)) for user in seed.users}
    assert list(memberships.values()) == [1, 2, 0, 1, 1]
    several = next(each.all_roles for each in seed.memberships if len(each.all_roles) > 1)
    assert several == ("member", "org-auditor")
    assert len({each.organization for each in seed.machines}) == 2
    admin = seed.active_memberships(seed.users[0].id)[0]
    assert seed.role(admin.role).permissions == ("reports:read", "reports:write", "members:manage")
    assert seed.environment.api_key == "sk_test_local"
    assert seed.environment.client_id.startswith("client_01LOCAL")
    assert seed.template_claims == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('email = "ada@example.com"\n', "", "users[0].email must be a non-empty string"),
        ('email = "grace@example.com"', 'email = "ada@example.com"', "two rows have the email 'ada@example.com'"),
        ('id = "user_01LOCALGRACEHOPPER0000000"', 'id = "user_2"', "memberships[1].user is 'user_01LOCALGRACE"),
        ('role = "member"', 'role = "owner"', "memberships[1].role is 'owner', which no [[roles]] table has"),
        ('permissions = ["reports:read"]', 'permissions = "reports:read"', "roles[1].permissions must be a list"),
        (
            "claims = []",
            'claims = ["email"]',
            "jwt_template.claims: 'email' is unknown; choose from role, roles, organization_membership_id",
        ),
        ("claims = []", 'claims = ["permissions"]', "jwt_template.claims: no JWT template has permissions"),
        ("[[machine_applications]]", "[[machines]]", "machine_applications is empty; add at least one"),
        (
            'client_id = "client_01LOCALAUDITMACHINE000000"',
            'client_id = "client_01LOCALMACHINE00000000000"',
            "machine_applications: two rows have the client_id 'client_01LOCALMACHINE",
        ),
        (
            'organization = "org_01LOCALCOMPILERWORKS000000"\nscopes',
            'organization = "org_1"\nscopes',
            "machine_applications[1].organization is 'org_1', which no [[organizations]] table has",
        ),
        ('roles = ["member", ', 'roles = ["admin", ', "memberships[5].roles must begin with 'member', its role"),
        ('roles = ["member", ', 'roles = ["member", "member", ', "memberships[5].roles: two rows have the slug"),
        ('"member", "org-auditor"', '"member", "owner"', "memberships[5].roles is 'owner', which no [[roles]]"),
        ("multiple_roles = true", "multiple_roles = false", "which WorkOS refuses unless they are switched on"),
        ("multiple_roles = true", "multiple_roles = 1", "environment.multiple_roles must be true or false"),
        ("[environment]", "[environment]\nclientid = 1", "environment.clientid is not a known key; use client_id"),
        ("[[users]]", "[[people]]", "users is empty"),
        ("[[users]]", "[users", "is not valid TOML"),
    ],
)
def test_a_wrong_seed_names_the_file_the_key_and_the_fix(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SEED_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "seed.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SeedError) as refused:
        load_seed(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_missing_seed_says_so(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="does not exist; restore it"):
        load_seed(tmp_path / "seed.toml")


def test_a_table_where_a_list_belongs_says_how_to_write_it(tmp_path: Path) -> None:
    path = tmp_path / "seed.toml"
    environment = '[environment]\nclient_id = "a"\napi_key = "b"\nextra_scopes = []\n'
    path.write_text(environment + "[users]\nid = 'x'\n", encoding="utf-8")
    with pytest.raises(SeedError, match=r"write \[\[users\]\]"):
        load_seed(path)
