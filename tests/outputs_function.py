"""The function as Lambda would load it, with a tool for every kind of data."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import outputs

handler = create_handler(create_app(Settings.from_environment(), tools=outputs))
