"""What hostile code leaves behind fails in the test that ran it, and hostile values can stand in reports."""

import gc
from collections.abc import Generator, Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def collect_garbage() -> Iterator[None]:
    """Collect once a test, not once an example: in a process that holds other tests' objects that took minutes."""
    yield
    gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write what UTF-8 has no form for as `?`, because a test's process sends its report to another one."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "replace").decode()) for name, text in report.sections]
    if report.failed:
        report.longrepr = str(report.longrepr).encode("utf-8", "replace").decode()
    return report
