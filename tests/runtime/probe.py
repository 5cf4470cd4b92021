"""The artefact's server with the tests' tools, once with little patience; a handler whose result is too large."""

from typing import Any

import app.handler  # noqa: F401 - first, as on Lambda
from app.application import create_app
from app.handler import create_handler
from app.runtime import snapstart as snapshot
from app.settings import Settings
from tests.runtime import catalogue

TOOL_SECONDS = 0.8

_settings = Settings.from_environment()
handler = create_handler(create_app(_settings, tools=catalogue, tool_seconds=TOOL_SECONDS))
patient = create_handler(create_app(_settings, tools=catalogue))
snapshot.register(patient)


def too_large(event: Any, context: Any) -> str:
    """As JSON, with its quotes, one byte more than Lambda takes."""
    return "x" * (6_291_556 - 1)
