"""The artefact's server with the tests' heaviest tools, for AWS's runtime client."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import heavy
from tests.catalogues.hostile import prompts, resources

handler = create_handler(
    create_app(Settings.from_environment(), tools=heavy, prompts=prompts, resources=resources)
)
