"""`make conformance-server`: the fixture catalogue, until Ctrl-C. It takes a token, as every server here does."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from conformance.protocol.stack import end_on_signals, serving
from infra.local.authkit import StateError
from infra.local.loopback import PortTaken
from infra.local.ports import InvalidPort, read_ports
from infra.local.terminal import say
from tests.blocks import ROOT


def main(environ: Mapping[str, str], state_dir: Path = ROOT / ".local") -> int:
    end_on_signals()
    try:
        ports = read_ports(environ)
        # A state of its own for each port, as `make dev` has it.
        state = state_dir / str(ports.authkit)
        with serving(ports, state, "http://localhost:{port}", say, environ) as stack:
            if not stack.serves:
                say("The function does not start: the reason is above.")
            say(f"MCP endpoint  {stack.mcp_url}")
            say(f"AuthKit       {stack.authkit_url}")
            say(f"A token       {ports.token_command}")
            while True:
                signal.pause()
    except KeyboardInterrupt:
        return 0
    except (InvalidPort, StateError) as error:
        print(str(error).replace("make dev", "make conformance-server"), file=sys.stderr)
    except PortTaken as error:
        print(f"{error}; set PORT= and AUTHKIT_PORT= to others", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
