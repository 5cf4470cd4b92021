"""The function with the tools that ask their user, for a process of its own."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import asking

handler = create_handler(create_app(Settings.from_environment(), tools=asking))
