"""What of app/ reaches the artefact, and what stays on the machine that builds it."""

from pathlib import Path

import pytest

from infra.deploy.sources import FOR_TESTS, InvalidDeclaration, copy_sources, declared_data, describe_left_out
from tests.blocks import ROOT

STRAY = [
    *(".env", ".env.prod", ".idea/key.pem", ".idea/plugin.py", ".git/config", ".DS_Store", "tools/.notes.py"),
    *(
        "key.pem",
        "tools/dump.sql",
        "tools/notes.md",
        "signing_keys.json",
        "seed.toml",
        "tools/data.csv",
        "tools/a.pyd",
    ),
    *("tools/lookup.py.bak", "tools/lookup.py~", "resources/page.htm", "id_rsa", "tools/no_suffix"),
]
SHIPPED = ["handler.py", "tools/lookup.py", "tools/deep/er/leaf.py", "resources/page.html"]


def written(folder: Path, *names: str) -> Path:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return folder


def shipped(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def test_python_and_declared_data_are_shipped_and_nothing_else_is(tmp_path: Path) -> None:
    app = written(tmp_path / "app", *STRAY, *SHIPPED, "__pycache__/x.cpython-313.pyc", "tools/old.pyc")

    left_out = copy_sources(app, tmp_path / "out", ["**/*.html"])

    assert shipped(tmp_path / "out") == set(SHIPPED)
    # Byte code of this machine goes without saying.
    assert sorted(left_out) == sorted(STRAY)


def test_a_data_file_that_is_declared_by_name_is_shipped(tmp_path: Path) -> None:
    app = written(tmp_path / "app", "tools/data.csv", "tools/other.csv")

    copy_sources(app, tmp_path / "out", ["tools/data.csv"])

    assert shipped(tmp_path / "out") == {"tools/data.csv"}


def test_the_servers_own_page_is_shipped_if_a_team_declares_other_data(tmp_path: Path) -> None:
    copy_sources(ROOT / "app", tmp_path / "out", ["tools/data.csv"])

    assert "http/landing.html" in shipped(tmp_path / "out")


def test_no_pattern_reaches_a_name_with_a_dot_in_front(tmp_path: Path) -> None:
    app = written(tmp_path / "app", ".env", ".aws/credentials", "tools/.env", "tools/data.csv")

    copy_sources(app, tmp_path / "out", ["**/*", ".env", "**/.env", ".aws/credentials"])

    assert shipped(tmp_path / "out") == {"tools/data.csv"}


def test_links_that_lead_out_of_the_app_are_left_out(tmp_path: Path) -> None:
    app = written(tmp_path / "app", "handler.py", "tools/a.py")
    secret = written(tmp_path / "home", "credentials", "more/b.py") / "credentials"
    (app / "tools" / "stolen.py").symlink_to(secret)
    (app / "tools" / "nowhere.py").symlink_to(tmp_path / "gone")
    (app / "folder").symlink_to(tmp_path / "home" / "more")
    (app / "same.py").symlink_to(app / "tools" / "a.py")

    left_out = copy_sources(app, tmp_path / "out", ["**/*"])

    assert shipped(tmp_path / "out") == {"handler.py", "tools/a.py", "same.py"}
    assert sorted(left_out) == ["folder", "tools/nowhere.py", "tools/stolen.py"]


def test_what_tests_alone_import_is_not_shipped_and_not_spoken_of(tmp_path: Path) -> None:
    app = written(tmp_path / "app", "authoring/tool.py", "authoring/testing/who.py", "tools/testing/mine.py")

    assert copy_sources(app, tmp_path / "out", []) == []
    assert shipped(tmp_path / "out") == {"authoring/tool.py", "tools/testing/mine.py"}
    assert (ROOT / "app" / FOR_TESTS / "__init__.py").exists()


@pytest.mark.parametrize(
    "data", ['"**/*.html"', '["../*.pem"]', '["/etc/passwd"]', "[1]", '[""]', '["tools/../../x"]']
)
def test_a_declaration_that_leads_out_of_the_app_is_refused_with_the_form(data: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.artefact]\ndata = {data}\n")

    with pytest.raises(InvalidDeclaration, match=r"tool\.artefact"):
        declared_data(file)


def test_the_operator_reads_what_was_left_out_and_how_to_declare_it() -> None:
    said = describe_left_out([".env", *(f"tools/{number}.csv" for number in range(20))])

    assert "app/.env" in said
    assert "and 11 more" in said
    assert "[tool.artefact]" in said
    assert describe_left_out([]) == ""


def test_every_file_of_this_checkout_that_is_in_git_is_shipped(tmp_path: Path) -> None:
    copy_sources(ROOT / "app", tmp_path, declared_data(ROOT / "pyproject.toml"))

    assert {"handler.py", "tools/whoami.py"} <= shipped(tmp_path)
    data = {each.relative_to(ROOT / "app").as_posix() for each in (ROOT / "app").rglob("*.html")}
    assert data <= shipped(tmp_path)
