"""What makes a cold start cheaper: models are built on first use, and nothing looks for garbage meanwhile."""

import gc
import json
import subprocess
import sys

import mcp_types
import pydantic
import pytest

from app.runtime.lean import build_deferred_models, lean_imports
from tests.team import ENVIRONMENT

STATE = """
import gc, json, sys
import app.handler
import mcp_types, pydantic
print(json.dumps({
    "deferred": mcp_types.Tool.model_config.get("defer_build", False),
    "left to others": pydantic.BaseModel.model_config.get("defer_build", False),
    "collector": gc.isenabled(),
    "frozen": gc.get_freeze_count() > 10_000,
    "lazy": [name for name in ("boto3", "workos") if name in sys.modules],
}))
"""


@pytest.mark.broad
def test_a_new_process_defers_the_models_of_its_packages_and_collects_garbage_again() -> None:
    command = [sys.executable, "-c", STATE]
    ran = subprocess.run(
        command, env={**ENVIRONMENT, "PYTHONPATH": "."}, capture_output=True, text=True, check=True
    )

    assert json.loads(ran.stdout) == {
        "deferred": True,
        "left to others": False,
        "collector": True,
        "frozen": True,
        "lazy": [],
    }


def test_the_tests_run_as_the_function_does() -> None:
    assert mcp_types.Tool.model_config.get("defer_build") is True


def test_a_model_of_this_server_is_built_at_once() -> None:
    class Own(pydantic.BaseModel):
        number: int

    assert Own.__pydantic_complete__


def test_deferred_models_are_built_when_all_are() -> None:
    class Deferred(pydantic.BaseModel, defer_build=True):
        number: int

    class Below(Deferred):
        other: int

    before = Deferred.__pydantic_complete__
    build_deferred_models()
    assert (before, Deferred.__pydantic_complete__, Below.__pydantic_complete__) == (False, True, True)


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
    assert not was_on


def test_a_collector_that_somebody_turned_off_stays_off() -> None:
    gc.disable()
    try:
        with lean_imports():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
