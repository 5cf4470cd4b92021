"""What tools require and no role of the seed file has, as `make dev` says it."""

import asyncio
from pathlib import Path

import pytest

from infra.local.gateway.program import Program
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Role
from infra.local.unheld_grants import find_unheld, tell_unheld
from infra.operator.provisioning.catalogue import RequiredGrants
from tests.blocks import ROOT
from tests.team import ENVIRONMENT, FIXTURES

ROLES = [Role("admin", "Admin", ("reports:read",)), Role("org-pager", "Pager", ("pager:read",), "org_1")]


def test_each_permission_and_role_that_nobody_has_is_named_with_its_tools() -> None:
    required = RequiredGrants(
        {"reports:read": ("read",), "pager:read": ("page",), "pager:send": ("page_oncall",)},
        {"admin": ("read",), "boss": ("fire", "hire")},
    )

    assert list(find_unheld(required, ROLES)) == [
        "page_oncall requires the permission pager:send, which no role in infra/local/seed.toml has",
        "fire, hire require the role boss, which infra/local/seed.toml does not have",
    ]


@pytest.mark.broad
def test_the_code_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "seed.toml").write_text((FIXTURES / "seed.toml").read_text().replace('"members:manage"', '"x:y"'))
    program = Program("app.handler", ROOT, {**ENVIRONMENT, "SERVE_EXAMPLES": "true"})
    said: list[str] = []

    asyncio.run(tell_unheld(program, said.append, tmp_path / "seed.toml"))

    assert said == [
        "  warning list_members requires the permission members:manage, which no role in infra/local/seed.toml has"
    ]


@pytest.mark.broad
def test_the_seed_file_has_all_that_the_examples_require() -> None:
    program = Program("app.handler", ROOT, {**ENVIRONMENT, "SERVE_EXAMPLES": "true"})
    said: list[str] = []

    asyncio.run(tell_unheld(program, said.append, FIXTURES / "seed.toml"))

    assert load_seed(FIXTURES / "seed.toml").roles
    assert said == []
