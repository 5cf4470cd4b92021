"""What runs in the function's process: the handler of app/, over a catalogue with a tool that needs a scope."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from conformance.auth.subjects import catalogue

handler = create_handler(create_app(Settings.from_environment(), tools=catalogue))
