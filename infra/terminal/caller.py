"""Make the connection that a command uses, from its environment."""

import json

from mcp_types import LoggingMessageNotificationParams

from infra.operator.doctor import strip_bearer
from infra.operator.given_secrets import SecretNotGiven, ask_at_terminal, read_secrets
from infra.operator.report import printable
from infra.terminal.command import UsageError
from infra.terminal.connection import Connection
from infra.terminal.questions import Questions
from infra.terminal.screen import Screen
from infra.terminal.stored_login import StoredLogin, find_logins
from infra.terminal.target import Environment, read_target


def connect_as_caller(environment: Environment, screen: Screen) -> Connection:
    """Use TOKEN if it is given (TOKEN_FILE and TOKEN=- too), or else the login in the browser.

    Raises:
        TerminalError: if a variable is wrong.
    """
    token, target = read_token(environment), read_target(environment)
    stored = None if token else StoredLogin(target.url, find_logins(environment))
    if stored:
        stored.wait_for_others()
    return Connection(
        target,
        screen,
        token=token,
        stored=stored,
        on_question=Questions(screen),
        on_log=_LogLines(screen),
    )


def read_token(environment: Environment) -> str:
    """Read TOKEN from the environment, its file or the prompt; empty if it is not given.

    Raises:
        UsageError: if it cannot be read.
    """
    try:
        return strip_bearer(read_secrets(environment, ("TOKEN",), ask_at_terminal()).get("TOKEN", ""))
    except SecretNotGiven as error:
        raise UsageError(str(error)) from None


class _LogLines:
    """The SDK's logging callback: what a tool logs to its client."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    async def __call__(self, params: LoggingMessageNotificationParams) -> None:
        text = params.data if isinstance(params.data, str) else json.dumps(params.data, ensure_ascii=False)
        self._screen.note(self._screen.dim(f"{params.level}: {printable(text, 600)}"))
