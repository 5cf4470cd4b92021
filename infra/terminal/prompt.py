"""`make prompt`: show the messages of a prompt.

Environment: PROMPT; ARGS, a JSON object or @file; SAVE; URL, STAGE, PORT and TOKEN as for `make list`.
"""

import asyncio
import json
import os
import sys

from infra.terminal.arguments import read_arguments
from infra.terminal.caller import connect_as_caller
from infra.terminal.command import UsageError, run_command
from infra.terminal.result import Files, render_block
from infra.terminal.screen import Screen
from infra.terminal.target import Environment


def main(environment: Environment, screen: Screen) -> int:
    name = environment.get("PROMPT", "").strip()
    if not name:
        raise UsageError("PROMPT is not set: make prompt PROMPT=introduce_me, and `make list` shows the prompts")
    values = read_arguments(environment.get("ARGS", ""))
    # MCP: the arguments of a prompt are strings.
    arguments = {each: value if isinstance(value, str) else json.dumps(value) for each, value in values.items()}
    connection = connect_as_caller(environment, screen)
    result = asyncio.run(connection.use(lambda client: client.get_prompt(name, arguments)))
    files = Files(environment.get("SAVE", ""), name)
    for message in result.messages:
        screen.show(f"{screen.bold(message.role)}: {render_block(message.content, files)}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
