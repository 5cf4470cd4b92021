"""Say at the end which clients were driven, and in which versions."""

import pytest

from tests.e2e.clients import versions


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    if any(report.nodeid.startswith("tests/e2e/") for report in reports):
        terminalreporter.write_line("Clients: " + ", ".join(f"{name} {each}" for name, each in versions().items()))
