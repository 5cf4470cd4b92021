"""The function as Lambda would load it, with tools, prompts and resources of every kind of content."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import prompts
from tests.catalogues.content import resources, tools

handler = create_handler(
    create_app(Settings.from_environment(), tools=tools, prompts=prompts, resources=resources)
)
