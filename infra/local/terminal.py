"""Write to the terminal of `make dev`."""

import os
import signal
import sys


def say(line: str) -> None:
    """Write one line at once and flush it: several threads write, and people read a log file while it grows."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        # The terminal may not be able to show all characters that the function prints.
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stdout.flush()
    except OSError:
        _hang_up()


def _hang_up() -> None:
    """Nobody reads the output any more (`make dev | head`): end the stack, as Ctrl-C does, instead of failing
    requests."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    # The main thread gets the signal, whichever thread sends it.
    os.kill(os.getpid(), signal.SIGTERM)
