"""The rows of the seed that the API adds, and what a wrong one says."""

from pathlib import Path

import pytest

from infra.local.seed.load import SEED_FILE, SeedError, load_seed
from infra.local.seed.rows import Seed

CI_KEY = "api_key_01LOCALCI0000000000000000"


def test_a_custom_seed_needs_none_of_them(tmp_path: Path) -> None:
    text = SEED_FILE.read_text(encoding="utf-8")
    path = tmp_path / "seed.toml"
    path.write_text(text.partition("# From here on:")[0], encoding="utf-8")

    seed = load_seed(path)

    assert (seed.directories, seed.connections, seed.feature_flags, seed.resources) == ((), (), (), ())


def test_an_inactive_membership_opens_no_login(seed: Seed) -> None:
    alan = seed.user("alan@example.com")

    assert alan is not None
    assert seed.active_memberships(alan.id) == ()
    assert [each.status for each in seed.memberships if each.user == alan.id] == ["inactive"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "api_key_01LOCALSTATUS000000000000",
            "api_key_01LOCALCI0000000000000000",
            "api_keys: two rows have the id",
        ),
        ("api_key_01LOCALSTATUS000000000000", "key_1", "api_keys[1].id is 'key_1'; begin it with 'api_key_'"),
        ('name = "Status page"', 'name = "CI"', "api_keys: two rows have the name 'CI'"),
        ("engines_status", "engines_ci", "api_keys: two rows have the value"),
        ("sk_local_analytical_engines_ci", "sk_short", "api_keys[0].value must be 'sk_' and 16 to 200 letters"),
        ("2026-01-01T00:00:00.000Z", "soon", "api_keys[4].expires_at must be a time such as"),
        (
            "2026-01-01T00:00:00.000Z",
            "2026-01-01",
            "api_keys[4].expires_at must be a time such as",
        ),
        ("revoked = true", 'permission = "x"', "api_keys[5].permission is not a known key"),
        ('slug = "notion"', 'slug = "github"', "data_providers: two rows have the slug 'github'"),
        ('owner = "organization"', 'owner = "team"', "owner is 'team'; choose from organization, user"),
        ('login = "ghopper"', 'login = "ada-l"', "provider_accounts: two rows have the provider and login"),
        ('provider = "slack"', 'provider = "linear"', "which no [[data_providers]] table has; add one"),
        ('provider = "slack"', 'provider = "notion"', "slug is 'slack', where nobody has an account"),
        ("people = 60", "people = 61", "directories[0].people is 61, but the names give 60; add names"),
        ("people = 60", 'people = "60"', "directories[0].people must be a whole number, zero or more"),
        ("people = 60", "people = -1", "directories[0].people must be a whole number, zero or more"),
        ('"okta scim v2.0"', '"okta"', "directories[0].type is 'okta'; choose from azure scim v2.0"),
        ("directory_01LOCALANALYTICALOKTA00000", "directory_okta", "the zeros number its people"),
        ('"Engineering", "Research"', '"Sales", "Research"', "two rows have the name 'Sales'"),
        ('type = "OktaSAML"', 'type = "Okta"', "connections[0].type is 'Okta'; choose from ADFSSAML"),
        ('state = "draft"', 'state = "drafty"', "connections[1].state is 'drafty'; choose from active"),
        ("enabled = true", 'enabled = "yes"', "feature_flags[0].enabled must be true or false"),
        (
            'organizations = ["org_01LOCALANALYTICALENGINES00"]',
            'organizations = ["org_1"]',
            "feature_flags[0].organizations is 'org_1', which no [[organizations]] table has",
        ),
        ('users = ["user_01LOCALGRACE', 'users = ["user_1', "feature_flags[1].users is 'user_1HOPPER"),
        ('action = "report.exported"', 'action = "document.viewed"', "two rows have the action 'document.viewed'"),
        (
            'external_id = "report-q2"',
            'external_id = "report-q1"',
            "two rows have the organization, type and external_id",
        ),
        (
            'membership = "om_01LOCALADAANALYTICAL0000000"',
            'membership = "om_01LOCALGRACECOMPILER0000000"',
            "resource_grants[0].resource belongs to another organization",
        ),
        ("org-auditor", "auditor", "begin the slug of an organization's with 'org-'"),
        ('type = "report"', 'type = "organization"', "resources[0].type is 'organization'; take it out"),
        ('role = "admin"', 'role = "org-auditor"', "memberships[0].role is 'org-auditor', a role of another"),
        ('status = "inactive"', 'status = "gone"', "memberships[4].status is 'gone'; choose from active"),
    ],
)
def test_a_wrong_row_names_the_file_the_key_and_the_fix(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SEED_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "seed.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(SeedError) as refused:
        load_seed(path)

    assert said in str(refused.value)
    assert str(path) in str(refused.value)
