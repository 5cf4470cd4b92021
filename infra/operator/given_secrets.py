"""Read secrets from the environment, a file or a prompt, never from a command line.

Every user of the machine can read a command line while the command runs, and the shell keeps it in its history. So
an operator exports NAME, or NAME_FILE names a file with the secret, or NAME=- makes the command ask for it.
"""

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MAX_SECRET_BYTES = 64 * 1024
Ask = Callable[[str], str]


class SecretNotGiven(Exception):
    """A secret could not be read; the message names the variable and the fix, and no part of the value."""


def read_secrets(environment: Mapping[str, str], names: Sequence[str], ask: Ask | None) -> dict[str, str]:
    """Return the environment with each secret filled in from its file or from the prompt.

    `ask` shows a question and returns a line; None if there is no terminal.

    Raises:
        SecretNotGiven: if a file cannot be read, two ways are used at once, or the prompt gets no answer.
    """
    found = {name: value for name in names if (value := _read(name, environment, ask)) is not None}
    return {**environment, **found}


def with_question(environment: Mapping[str, str], name: str, ask: Ask | None) -> Mapping[str, str]:
    """Have `read_secrets` ask the person at the terminal for a secret that was not given."""
    if ask is None or environment.get(name) or environment.get(f"{name}_FILE"):
        return environment
    return {**environment, name: "-"}


def _read(name: str, environment: Mapping[str, str], ask: Ask | None) -> str | None:
    value, file = environment.get(name), environment.get(f"{name}_FILE")
    if value and file:
        raise SecretNotGiven(f"{name} and {name}_FILE are both set: unset one of them")
    if file:
        return _read_file(f"{name}_FILE", file)
    if value == "-":
        return _ask(name, ask)
    return value


def _read_file(variable: str, name: str) -> str:
    try:
        with Path(name).expanduser().open("rb") as file:
            content = file.read(MAX_SECRET_BYTES + 1)
        # Editors and `echo` add a line break at the end, which does not belong to the secret.
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise SecretNotGiven(f"{variable}: {name} is not text") from None
    except OSError as error:
        raise SecretNotGiven(f"{variable}: {name} cannot be read: {error.strerror}") from None
    if not text or len(content) > MAX_SECRET_BYTES:
        raise SecretNotGiven(f"{variable}: {name} is {'empty' if not text else f'over {MAX_SECRET_BYTES} bytes'}")
    return text


def _ask(name: str, ask: Ask | None) -> str:
    try:
        # Without a terminal the secret comes through a pipe: `make -s token | make doctor TOKEN=-`.
        typed = (ask(f"{name} (not shown): ") if ask else sys.stdin.readline(MAX_SECRET_BYTES)).strip()
    except (EOFError, UnicodeDecodeError):
        typed = ""
    if not typed:
        raise SecretNotGiven(f"{name}=- reads it from the terminal or from a pipe, but nothing was given")
    return typed


def ask_at_terminal() -> Ask | None:
    """getpass, which hides what is typed; None if there is no terminal."""
    return getpass.getpass if sys.stdin.isatty() else None
