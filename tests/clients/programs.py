"""All client programs that are run."""

from tests.clients.agents import AGENTS
from tests.clients.commands import COMMANDS
from tests.clients.dialogs import DIALOGS
from tests.clients.mastra import MASTRA

PROGRAMS = (*AGENTS, *DIALOGS, *COMMANDS, MASTRA)
