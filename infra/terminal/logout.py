"""`make logout`: forget the login that is kept for a server (URL or STAGE, otherwise the one of `make dev`)."""

import os
import sys

from infra.terminal.command import run_command
from infra.terminal.screen import Screen
from infra.terminal.stored_login import StoredLogin, find_logins
from infra.terminal.target import Environment, read_target


def main(environment: Environment, screen: Screen) -> int:
    target = read_target(environment)
    if StoredLogin(target.url, find_logins(environment)).forget():
        screen.show(f"Forgot the login for {target.url}. The access token stays valid until it ends, in minutes.")
    else:
        screen.show(f"No login is kept for {target.url}.")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
