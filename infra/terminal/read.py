"""`make read`: show a resource.

Environment: RESOURCE, its address; SAVE; URL, STAGE, PORT and TOKEN as for `make list`.
"""

import asyncio
import os
import sys

from infra.terminal.caller import connect_as_caller
from infra.terminal.command import UsageError, run_command
from infra.terminal.result import Files, show_contents
from infra.terminal.screen import Screen
from infra.terminal.target import Environment


def main(environment: Environment, screen: Screen) -> int:
    uri = environment.get("RESOURCE", "").strip()
    if not uri:
        raise UsageError("RESOURCE is not set: make read RESOURCE=server://about; `make list` shows the addresses")
    connection = connect_as_caller(environment, screen)
    result = asyncio.run(connection.use(lambda client: client.read_resource(uri)))
    show_contents(result.contents, screen, Files(environment.get("SAVE", ""), uri.rpartition("/")[2] or uri))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
