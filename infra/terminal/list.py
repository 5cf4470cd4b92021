"""`make list`: what the server offers to the caller.

Environment: URL or STAGE, otherwise the server of `make dev` at PORT; TOKEN (also TOKEN_FILE, TOKEN=-), otherwise
a login in the browser; JSON=1 for the lists as the protocol has them.
"""

import asyncio
import json
import os
import sys

from infra.terminal.caller import connect_as_caller
from infra.terminal.command import run_command
from infra.terminal.listing import render_offers
from infra.terminal.offers import Offers, fetch_offers
from infra.terminal.screen import Screen
from infra.terminal.target import Environment


def main(environment: Environment, screen: Screen) -> int:
    connection = connect_as_caller(environment, screen)
    offers = asyncio.run(connection.use(fetch_offers))
    if environment.get("JSON"):
        screen.show(write_json(offers))
    else:
        screen.show(render_offers(offers, connection.target.url, screen))
    return 0


def write_json(offers: Offers) -> str:
    """The lists in ASCII, so that no character of the server steers the terminal."""
    return json.dumps(offers.as_json(), indent=2)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
