"""The log below a failed test: as `make dev` shows it, or whole."""

import json
from pathlib import Path

import pytest

from infra.local.testing import plugin

RECORD = json.dumps({"level": "INFO", "location": "x", "message": "exchange", "tool": "greet", "outcome": "ok"})


def show(outcome: str) -> list[tuple[str, str]]:
    report = pytest.TestReport(
        "id",
        (str(Path(__file__)), 1, "x"),
        {},
        outcome,  # type: ignore[arg-type]
        None,
        "call",
        sections=[("Captured stdout call", f"printed\n{RECORD}\n")],
    )
    hook = plugin.pytest_runtest_makereport()
    next(hook)
    with pytest.raises(StopIteration) as stopped:
        hook.send(report)
    sections: list[tuple[str, str]] = stopped.value.value.sections
    return sections


def test_pytest_uses_it(pytestconfig: pytest.Config) -> None:
    hooks = pytestconfig.hook.pytest_runtest_makereport.get_hookimpls()

    assert plugin.pytest_runtest_makereport in [each.function for each in hooks]


def test_a_failed_test_shows_short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOG", raising=False)

    assert show("failed") == [("Captured stdout call", "printed\n  greet ok\n")]


@pytest.mark.parametrize(("outcome", "choice"), [("passed", ""), ("failed", "json")])
def test_other_reports_and_whole_records_stay_as_they_are(
    outcome: str, choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG", choice)

    assert show(outcome) == [("Captured stdout call", f"printed\n{RECORD}\n")]
