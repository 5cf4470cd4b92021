"""The terminal that `make dev` speaks to."""

import os
import signal
import sys


def say(line: str) -> None:
    """One write per line, at once: several threads speak, and a log file is read while it grows."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        # What the function prints need not be in the terminal's alphabet.
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()
    except OSError:
        _hang_up()


def _hang_up() -> None:
    """Nobody reads any more (`make dev | head`): end the stack as Ctrl-C does, not each request with an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    # From whatever thread this is, the main one hears of it.
    os.kill(os.getpid(), signal.SIGTERM)
