"""What runs in the function's process: the handler of app/ over tools that say things and take time."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from tests.catalogues import calling

handler = create_handler(create_app(Settings.from_environment(), tools=calling))
