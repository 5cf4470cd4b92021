"""Reports that can be passed on: what hostile callers send may hold characters that UTF-8 has no form for."""

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.sections = [(name, text.encode("utf-8", "replace").decode()) for name, text in report.sections]
    if report.failed:
        report.longrepr = str(report.longrepr).encode("utf-8", "replace").decode()
    return report
