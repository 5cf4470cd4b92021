"""What runs in the function's process: the handler of app/ over background tools that stop in mid-step."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues.interrupted import tools

handler = create_handler(create_app(Settings.from_environment(), tools=tools))
