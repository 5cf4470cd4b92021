"""Run one command: its failures become one message and an exit status, never a traceback."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_INTERRUPT = 130
"""128 + SIGINT, as shells report a program that Ctrl-C ended."""


class TerminalError(Exception):
    """The command cannot go on; the message says why, and what to do."""

    exit_status = EXIT_FAILURE


class UsageError(TerminalError):
    """A variable of the command is missing or wrong; the message names it."""

    exit_status = EXIT_USAGE


def run_command(command: Callable[[], int]) -> int:
    """Run a command and return its exit status."""
    # A closed terminal and `kill` end a command as Ctrl-C does, so that it ends what it has started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # The SDK logs a failure with its traceback and then raises it. Without a handler Python would print that log.
    logging.getLogger("mcp").addHandler(logging.NullHandler())
    try:
        return command()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return EXIT_INTERRUPT
    except TerminalError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:
        # Nobody reads the output any more (`make list | head`). Python would complain again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A script starts its jobs in the background (`&`) so, and then SIGINT would do nothing.
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
