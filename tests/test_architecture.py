"""The shape of the project: which modules the import contracts cover, how large a file may be."""

import tomllib
from typing import Any

from tests.blocks import ROOT

MODULES = {
    f"app.{path.stem}"
    for path in (ROOT / "app").iterdir()
    if path.suffix == ".py" or path.joinpath("__init__.py").exists()
} - {"app.__init__"}


def contract(name: str) -> dict[str, Any]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["name"].startswith(name))


def test_every_module_of_app_has_its_place_in_the_contracts() -> None:
    layers = {name for layer in contract("handler -> application")["layers"] for name in layer.split(" | ")}

    assert layers == MODULES
    assert MODULES - set(contract("The auth room")["forbidden_modules"]) == {"app.auth"}
    assert MODULES - set(contract("Tools know")["forbidden_modules"]) == {"app.auth", "app.tool", "app.tools"}
    assert MODULES - set(contract("infra meets")["forbidden_modules"]) == {"app.handler"}


def test_no_file_of_app_is_longer_than_150_lines() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "app").rglob("*.py")}

    assert {name: length for name, length in lengths.items() if length > 150} == {}
