"""The empty WorkOS environment that several files set up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.operator.empty_workos import EmptyWorkOS, empty_workos


@pytest.fixture
def workos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[EmptyWorkOS]:
    settings = {"AUDIT_LOG_ACTION": "mcp.tool_called"}
    with empty_workos(tmp_path, capsys, settings) as empty:
        yield empty
