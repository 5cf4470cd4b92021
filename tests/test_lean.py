"""The levers of a cold start: what they leave for later, that it comes, and that nothing depends on them."""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mcp_types
import pydantic
import pytest

from app.runtime.lean import Shell, build_models, import_for_less, lean_imports
from tests.team import ENVIRONMENT

IS_ON = os.environ.get("LEAN_IMPORTS") != "false"
STATE = """
import gc, json, sys
{first}
import app.handler
import mcp_types
print(json.dumps({{
    "client": "mcp.client" in sys.modules,
    "later": mcp_types.Tool.model_config.get("defer_build", False),
    "collector": gc.isenabled(),
    "frozen": gc.get_freeze_count() > 10_000,
}}))
"""
PLAIN = {"client": True, "later": False}
LEAN = {"client": False, "later": True}

TOY = {
    "__init__.py": "from toy.heavy import Heavy\n",
    "heavy.py": "class Heavy: ...\n",
    "light.py": """
from pydantic import BaseModel, TypeAdapter

class Light(BaseModel):
    number: int

class Recursive(BaseModel):
    other: "Other | None"

class Other(BaseModel):
    number: int

Recursive.model_rebuild()
used_at_once = Other(number=1)
adapter = TypeAdapter[Light | None](Light | None)
""",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that can be imported, and is forgotten after the test."""
    (tmp_path / "toy").mkdir()
    for name, text in TOY.items():
        (tmp_path / "toy" / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy"]:
        del sys.modules[name]
    gc.unfreeze()


def state(first: str = "", **environment: str) -> dict[str, bool]:
    """How a new process stands once it has imported the function."""
    ran = subprocess.run(
        [sys.executable, "-c", STATE.format(first=first)],
        env={**ENVIRONMENT, "PYTHONPATH": ".", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, bool] = json.loads(ran.stdout)
    return found


def test_the_tests_run_as_the_function_does() -> None:
    assert mcp_types.Tool.model_config.get("defer_build", False) is IS_ON


def test_the_function_is_imported_for_less() -> None:
    assert state() == {**LEAN, "collector": True, "frozen": True}


@pytest.mark.parametrize("value", ["false", " False "])
def test_one_variable_turns_all_of_it_off(value: str) -> None:
    assert state(LEAN_IMPORTS=value) == {**PLAIN, "collector": True, "frozen": False}


@pytest.mark.parametrize(
    "moved",
    [
        "import app.runtime.lean; app.runtime.lean.MODULES += ('mcp.server.gone',)",
        "import app.runtime.lean; app.runtime.lean.SHELLS += ('mcp_types.version',)",
        "import app.runtime.lean; app.runtime.lean.MODULES = ('mcp_types.gone',)",
    ],
)
def test_where_packages_have_moved_they_are_imported_plainly(moved: str) -> None:
    found = state(moved)

    assert {name: found[name] for name in PLAIN} == PLAIN


def test_a_shell_reads_its_package_once_something_of_it_is_asked_for(toy: None) -> None:
    import_for_less(["toy.light"], ["toy"])
    package = sys.modules["toy"]

    assert isinstance(package, Shell)
    assert "toy.heavy" not in sys.modules
    assert package.heavy is sys.modules["toy.heavy"]
    assert "Heavy" not in vars(package)
    assert package.Heavy is package.heavy.Heavy
    with pytest.raises(AttributeError, match="module 'toy' has no attribute 'nothing'"):
        _ = package.nothing


def test_a_model_and_an_adapter_are_built_on_first_use_or_when_all_are(toy: None) -> None:
    import_for_less(["toy.light"], ["toy"])
    light = sys.modules["toy.light"]

    assert not light.Light.__pydantic_complete__
    assert not light.Recursive.__pydantic_complete__
    assert light.used_at_once.number == 1
    assert not light.adapter.pydantic_complete
    assert light.TypeAdapter is pydantic.TypeAdapter
    build_models()
    assert light.Light.__pydantic_complete__
    assert light.Recursive(other={"number": "2"}).other == light.Other(number=2)
    assert light.adapter.pydantic_complete
    assert light.adapter.validate_python({"number": "1"}) == light.Light(number=1)


def test_only_what_is_imported_so_is_left_for_later(toy: None) -> None:
    import_for_less(["toy.light"], ["toy"])

    class Own(pydantic.BaseModel):
        number: int

    assert Own.__pydantic_complete__


def test_what_cannot_be_imported_so_is_imported_anew(toy: None) -> None:
    import_for_less(["toy.light", "toy.gone"], ["toy"])

    assert not [name for name in sys.modules if name.partition(".")[0] == "toy"]


def test_the_collector_is_on_again_even_if_the_function_cannot_be_imported() -> None:
    was_on = True

    def fail() -> None:
        nonlocal was_on
        with lean_imports():
            was_on = gc.isenabled()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()
    assert was_on is not IS_ON


def test_a_collector_that_somebody_turned_off_stays_off() -> None:
    gc.disable()
    try:
        with lean_imports():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
