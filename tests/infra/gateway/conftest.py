from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.infra.gateway.running import PATIENCE, Running, Serve, Terminal


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a gateway before a module with this source; options are those of `create_gateway`."""
    with ExitStack() as stack:

        def start(source: str, **options: Any) -> Running:
            (tmp_path / "function.py").write_text(source, encoding="utf-8")
            terminal = Terminal()
            settings = {"handler": "function", "python_path": tmp_path, "say": terminal.say, **options}
            gateway = create_gateway(settings.pop("variables", {}), **settings)
            server = stack.enter_context(LoopbackServer(gateway))
            # Before the server stops: a test that fails in mid-invocation does not wait for it.
            stack.callback(gateway.close)
            client = httpx2.Client(base_url=server.url, trust_env=False, timeout=PATIENCE)
            return Running(gateway, server, stack.enter_context(client), terminal, tmp_path)

        yield start
