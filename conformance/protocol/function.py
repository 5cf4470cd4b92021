"""The Lambda entry point of the fixture catalogue: everything as in app.handler but what the folders hold."""

from app.application import create_app
from app.handler import create_handler
from app.settings import Settings
from conformance.protocol import prompts, resources, tools
from conformance.protocol.subscriptions import add_subscriptions

handler = create_handler(
    create_app(
        Settings.from_environment(), tools=tools, prompts=prompts, resources=resources, extend=add_subscriptions
    )
)
