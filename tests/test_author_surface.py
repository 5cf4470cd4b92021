"""Authors import app.authoring, their own app.shared, and nothing else of this server."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import authoring
from app.authoring import make_session
from infra.local.new import write_new, write_test
from tests.blocks import ROOT, blocks

PAGES = ["README.md", *(f"docs/{page.name}" for page in sorted(ROOT.glob("docs/*.md")))]
FILES = [
    *sorted((ROOT / "examples").rglob("*.py")),
    *(path for room in ("tools", "prompts", "resources", "shared") for path in ROOT.glob(f"app/{room}/**/*.py")),
    ROOT / "app/identity.py",
    *sorted((ROOT / "tests/mine").rglob("*.py")),
]
ALLOWED = re.compile(r"app\.authoring(\.testing)?|app\.(shared|tools|prompts|resources)(\..+)?")


def foreign(code: str) -> list[str]:
    """What the code imports of app/ that is not for authors."""
    return [name for name in _imported(code) if name.partition(".")[0] == "app" and not ALLOWED.fullmatch(name)]


def _imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from app import authoring` names the module in the second half.
            yield from [f"app.{each.name}" for each in node.names] if node.module == "app" else [node.module]


@pytest.mark.parametrize("page", PAGES)
def test_the_documents_import_what_is_for_authors(page: str) -> None:
    assert [name for block in blocks("python", page) for name in foreign(block)] == []


def test_the_documents_name_no_other_module_to_import_from() -> None:
    named = [
        (page, found)
        for page in PAGES
        for found in re.findall(r"from `(app\.[a-z_.]+)`", (ROOT / page).read_text(encoding="utf-8"))
        if found not in ("app.authoring", "app.authoring.testing")
    ]

    assert named == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_examples_and_a_teams_own_files_import_what_is_for_authors(file: Path) -> None:
    assert foreign(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("kind", ["tool", "prompt", "resource"])
def test_make_new_writes_what_imports_what_is_for_authors(kind: str, tmp_path: Path) -> None:
    (tmp_path / f"{kind}s").mkdir()

    assert foreign(write_new(kind, "hello", tmp_path).read_text(encoding="utf-8")) == []
    test = write_test(kind, "hello", tmp_path)
    assert test is not None
    assert foreign(test.read_text(encoding="utf-8")) == []


def test_everything_that_is_exported_is_there_and_in_order() -> None:
    assert all(hasattr(authoring, name) for name in authoring.__all__)


def test_a_test_makes_the_session_of_a_person_or_a_machine() -> None:
    person = make_session(role="admin", permissions=["reports:read"], organization_id=None)
    machine = make_session(client_id="client_1", is_machine=True)

    assert (person.roles, sorted(person.permissions)) == (("admin",), ["reports:read"])
    assert person.organization_id is None
    assert (machine.user_id, machine.session_id, machine.is_machine) == ("client_1", None, True)


def test_a_test_makes_the_session_of_an_api_key() -> None:
    of_user = make_session(client_id="api_key_1", api_key_owner="user", permissions=["reports:read"])
    of_organization = make_session(client_id="api_key_1", api_key_owner="organization")

    assert (of_user.kind, of_user.user_id, of_user.client_id) == ("api_key", "user_01TEST", "api_key_1")
    assert (of_organization.user_id, of_organization.session_id, of_organization.claims) == ("api_key_1", None, {})
    with pytest.raises(ValueError, match="no role, scope or flag"):
        make_session(api_key_owner="user", scopes=["openid"])
