"""`make connect`: add the server to the configuration of another MCP client.

Environment: CLIENT (without it, the clients are listed); ENTRY_NAME, which is NAME= of make; FOLDER, the project
whose files are meant; DRY_RUN=1 shows the change and writes nothing; URL, STAGE and PORT as for `make list`. An
entry that has the name already stays as it is.
"""

import json
import os
import re
import shutil
import sys
from pathlib import Path

from infra.terminal.command import TerminalError, UsageError, run_command
from infra.terminal.configuration.clients import ALIASES, CLIENTS, ConfiguredClient
from infra.terminal.configuration.config_file import ConfigFile
from infra.terminal.configuration.json_text import NotEditable
from infra.terminal.screen import Screen
from infra.terminal.target import Environment, read_target

_OPENCODE_2_TABLE = ("mcp", "servers")


def main(environment: Environment, screen: Screen) -> int:
    choice = "-".join(environment.get("CLIENT", "").lower().split())
    folder = Path(environment.get("FOLDER") or ".").expanduser()
    if not choice:
        screen.show(list_clients(folder, environment))
        return 0
    if (client := CLIENTS.get(ALIASES.get(choice, choice))) is None:
        raise UsageError(f"CLIENT={choice} is not one of: {', '.join(CLIENTS)}")
    if not folder.is_dir():
        raise UsageError(f"FOLDER={folder} is not a folder")
    target = read_target(environment)
    name = check_name(environment.get("ENTRY_NAME") or target.entry_name)
    file = ConfigFile.read(client.find_file(folder, environment))
    return add_to_client(client, file, name, target.url, screen, is_dry_run=is_dry_run(environment))


def list_clients(folder: Path, environment: Environment) -> str:
    rows = [(name, each.title, each.find_file(folder, environment)) for name, each in CLIENTS.items()]
    lines = [f"  make connect CLIENT={name:<15} {title:<20} {file}" for name, title, file in rows]
    return "\n".join([*lines, "", "DRY_RUN=1 shows the change and writes nothing."])


def check_name(name: str) -> str:
    """Return the name if every client accepts it.

    Raises:
        UsageError: if not.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", name):
        raise UsageError(f"NAME={name}: give letters, digits, - and _, at most 63, a letter or digit first")
    return name


def is_dry_run(environment: Environment) -> bool:
    return environment.get("DRY_RUN", "").lower() not in ("", "0", "false")


def add_to_client(
    client: ConfiguredClient, file: ConfigFile, name: str, url: str, screen: Screen, *, is_dry_run: bool
) -> int:
    """Write the entry, or show it, or say why that is not possible; the exit status.

    Raises:
        TerminalError: if the name is taken by another server, or the file cannot be written.
    """
    entry = client.make_entry(url)
    # Version 2 of opencode has its servers one level deeper, and refuses them where version 1 has them.
    table = _OPENCODE_2_TABLE if client.table == ("mcp",) and file.has_table(_OPENCODE_2_TABLE) else client.table
    try:
        existing = file.find_entry(table, name)
        changed = file.text if existing else file.add_entry(table, name, entry)
    except NotEditable as problem:
        content = json.dumps({name: entry}, indent=2)
        raise TerminalError(
            f"{file.path} was not changed: {problem}.\nAdd this by hand under {'.'.join(table)}:\n{content}"
        ) from None
    if existing is not None:
        _accept_existing(existing, url, file, name, screen)
    elif is_dry_run:
        screen.show(file.show_changes(changed))
        screen.note(f"Nothing was written (DRY_RUN). {_suggest_command(client, name, url)}".rstrip())
        return 0
    else:
        file.write(changed)
        screen.show(f"Wrote {name} to {file.path}")
    screen.show(f"Next: {client.next_step.format(name=name)}")
    return 0


def _accept_existing(existing: object, url: str, file: ConfigFile, name: str, screen: Screen) -> None:
    shown = json.dumps(existing, indent=2, default=str)
    if json.dumps(url) not in json.dumps(existing, default=str):
        raise TerminalError(
            f"{file.path} has another server with the name {name}, and it was not changed:\n{shown}\n"
            f"Give another name (NAME=), or take that entry out of the file and run this again."
        )
    screen.show(f"{file.path} has {name} already: nothing to do.")


def _suggest_command(client: ConfiguredClient, name: str, url: str) -> str:
    """The client's own command, if the client is here."""
    program = client.command.partition(" ")[0]
    if not program or not shutil.which(program):
        return ""
    return f"The client's own command: {client.own_command(name, url)}"


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
