"""Programs whose user calls a tool by a command."""

from tests.clients.home import Home
from tests.clients.program import Program


def log_in_to_mcporter(home: Home) -> str:
    return home.run("mcporter", "auth", home.url, "--allow-http")


def call_with_mcporter(home: Home) -> str:
    return home.run("mcporter", "call", "--http-url", home.url, "--allow-http", "whoami")


COMMANDS = (Program("mcporter", "mcporter", log_in_to_mcporter, call_with_mcporter),)
