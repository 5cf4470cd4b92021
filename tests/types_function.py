"""The function as Lambda would load it, with tools that have parameters of every type."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import many, schemas

handler = create_handler(create_app(Settings.from_environment(), tools=(many, schemas)))
