"""What Lambda is given: opened, and held against the lock, the target and the budget."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from infra.deploy.artefact import build
from infra.deploy.interpreter import find_interpreter
from infra.deploy.release import compute_release
from infra.deploy.sources import FOR_TESTS
from infra.deploy.target import Target
from tests.blocks import ROOT
from tests.team import TEAM

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]
MB = 1_000_000
AARCH64 = 183  # e_machine of ELF
ON_OTHER_SYSTEMS = ("pywin32", "httpx2-jsfetch")
SERVERS = ("uvicorn", "click")
"""Locked, as the SDK asks for them, and not shipped: Lambda is the server."""


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default: arm64, Python 3.13."""
    folder = tmp_path_factory.mktemp("build") / "McpFunction"
    build(folder, Target.from_environment({}))
    return folder


def files(folder: Path) -> Iterator[Path]:
    return (each for each in sorted(folder.rglob("*")) if each.is_file())


def test_two_clean_builds_are_the_same_bytes(artefact: Path, tmp_path: Path) -> None:
    again = tmp_path / "McpFunction"

    build(again, Target.from_environment({}))

    assert compute_release(artefact, {}) == compute_release(again, {})


def test_the_app_is_whole_and_as_it_is_here(artefact: Path) -> None:
    def written(root: Path) -> dict[Path, bytes]:
        found = (each for kind in ("*.py", "*.html") for each in root.joinpath("app").rglob(kind))
        return {each.relative_to(root): each.read_bytes() for each in found}

    here = {name: each for name, each in written(ROOT).items() if not name.is_relative_to("app" / FOR_TESTS)}
    assert written(artefact) == here


def test_besides_it_holds_the_locked_packages_and_nothing_else(artefact: Path) -> None:
    locks = "".join(ROOT.joinpath(f"requirements/{name}.txt").read_text() for name in ("app", "worker"))
    lock = re.findall(r"^([a-z0-9.-]+)==([^ ]+)", locks, re.MULTILINE)

    found = {(each.name.lower().replace("_", "-"), each.version) for each in distributions(path=[str(artefact)])}

    assert found == {row for row in lock if row[0] not in (*ON_OTHER_SYSTEMS, *SERVERS)}
    owned = {path.name for path in artefact.iterdir()}
    assert owned.isdisjoint(
        {*SERVERS, "tests", "infra", "requirements", "bin", "boto3", "botocore", ".lock", ".venv"}
    )


def test_importlib_metadata_finds_what_is_read_at_run_time(artefact: Path) -> None:
    for each in distributions(path=[str(artefact)]):
        assert each.metadata["Name"]
    entry_points = [entry for each in distributions(path=[str(artefact)]) for entry in each.entry_points]
    assert "opentelemetry_context" in {entry.group for entry in entry_points}


def test_no_installer_note_and_no_stub_is_shipped(artefact: Path) -> None:
    assert {each.name for each in artefact.glob("*.dist-info/*")} <= {"METADATA", "entry_points.txt"}
    assert not [each for each in files(artefact) if each.suffix == ".pyi"]


def test_native_code_is_for_the_target(artefact: Path) -> None:
    libraries = [each for each in files(artefact) if each.suffix == ".so"]

    assert libraries
    for library in libraries:
        assert struct.unpack_from("<H", library.read_bytes(), 18) == (AARCH64,), library


@pytest.mark.skipif(not find_interpreter("3.13"), reason="no Python 3.13 to compile with: the build says so")
def test_everything_is_compiled_for_a_folder_that_is_read_only(artefact: Path) -> None:
    app = [each for each in files(artefact / "app") if each.suffix == ".py"]
    assert all((each.parent / "__pycache__" / f"{each.stem}.cpython-313.pyc").exists() for each in app)
    assert {each for each in files(artefact) if each.suffix == ".py"} == set(app)
    for compiled in (each for each in files(artefact) if each.suffix == ".pyc"):
        magic, flags = struct.unpack_from("<HxxI", compiled.read_bytes())
        # 3570 and up is 3.13; flags 1: by hash, and not checked against a source (PEP 552).
        assert (3570 <= magic < 3600, flags) == (True, 1), compiled


def test_no_path_of_this_machine_is_in_it(artefact: Path) -> None:
    for file in files(artefact):
        content = file.read_bytes()
        assert str(artefact).encode() not in content, file
        assert str(ROOT).encode() not in content, file


def test_the_zip_is_within_its_budget(artefact: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files(artefact):
            archive.write(file, file.relative_to(artefact))
    unpacked = sum(file.stat().st_size for file in files(artefact))

    print(f"zip {len(packed.getvalue()) / MB:.1f} MB, unpacked {unpacked / MB:.1f} MB")
    hint = "if your packages need them, raise {} of [tool.team] in pyproject.toml"
    zipped_most = 16 + TEAM.get("zipped-megabytes", 0)
    unpacked_most = 100 + TEAM.get("unpacked-megabytes", 0)
    assert len(packed.getvalue()) <= zipped_most * MB, hint.format("zipped-megabytes")
    assert unpacked < unpacked_most * MB, hint.format("unpacked-megabytes")


def test_the_examples_are_in_it_if_asked_for_and_can_be_served(artefact: Path, tmp_path: Path) -> None:
    assert not (artefact / "examples").exists()

    build(tmp_path / "McpFunction", Target.from_environment({}), with_examples=True)

    shipped = {file.relative_to(tmp_path / "McpFunction").as_posix() for file in files(tmp_path)}
    sources = {file.relative_to(ROOT).as_posix() for file in ROOT.glob("examples/**/*.py")}
    assert sources | {"examples/resources/report_board.html"} <= shipped
