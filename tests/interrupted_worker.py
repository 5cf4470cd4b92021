"""What runs in the worker's process, for tests/interrupted_function.py."""

from app.settings import Settings
from app.worker import create_worker
from tests.catalogues.interrupted import tools

handler = create_worker(Settings.from_environment(), tools=tools)
