"""The Lambda entry point of the worker for the fixture catalogue: everything as in app.worker but the tools."""

from app.settings import Settings
from app.worker import create_worker
from conformance.protocol import tools

handler = create_worker(Settings.from_environment(), tools=tools)
