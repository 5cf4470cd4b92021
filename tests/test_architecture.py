"""The shape of the project: which modules the import contracts cover, how large a file may be."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp

from tests.blocks import ROOT

MODULES = {
    f"app.{path.stem}"
    for path in (ROOT / "app").iterdir()
    if path.suffix == ".py" or path.joinpath("__init__.py").exists()
} - {"app.__init__"}
LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]


def test_every_room_of_app_has_its_place_in_the_contract() -> None:
    assert {name for layer in LAYERS for name in layer.split(" | ")} == MODULES


def test_the_whole_of_app_fits_on_one_screen() -> None:
    entries = [path.name for path in (ROOT / "app").iterdir() if not path.name.startswith((".", "__pycache__"))]

    assert len(entries) <= 19, sorted(entries)


def test_no_file_of_app_is_longer_than_300_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "app").rglob("*.py")}

    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_modules_of_app_and_infra_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("app", "infra", cache_dir=None)

    # What remains once every module that imports nothing else of app/ is taken away, again and again, is in a
    # circle or above one.
    imports = {name: set(graph.find_modules_directly_imported_by(name)) for name in graph.modules}
    while leaves := {name for name, imported in imports.items() if not imported}:
        imports = {name: imported - leaves for name, imported in imports.items() if name not in leaves}
    assert imports == {}


def test_app_imports_nothing_that_is_not_deployed() -> None:
    locks = "".join((ROOT / f"requirements/{name}.txt").read_text() for name in ("app", "worker"))
    locked = set(re.findall(r"^([a-z0-9-]+)==", locks, flags=re.MULTILINE))
    runtime = {"boto3", "botocore", "snapshot_restore_py"}  # Lambda's Python runtimes bring them
    distributions = packages_distributions()

    imported = {name for path in (ROOT / "app").rglob("*.py") for name in _imports(path)} - {"app"}
    foreign = imported - set(sys.stdlib_module_names) - runtime
    brought = {
        name.lower().replace("_", "-") for module in foreign for name in distributions.get(module, [module])
    }
    assert brought <= locked


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
