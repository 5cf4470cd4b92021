"""The function as Lambda would load it, with the tools of app/ and examples/, and some that the start warns of."""

from app import resources as own_resources
from app import tools as own_tools
from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from examples import resources as example_resources
from examples import tools as example_tools
from tests.catalogues import warned

handler = create_handler(
    create_app(
        Settings.from_environment(),
        tools=(own_tools, example_tools, warned),
        resources=(own_resources, example_resources),
    )
)
