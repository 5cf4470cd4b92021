"""All client programs that are run."""

from tests.clients.agents import AGENTS
from tests.clients.commands import COMMANDS
from tests.clients.dialogs import DIALOGS

PROGRAMS = (*AGENTS, *DIALOGS, *COMMANDS)
