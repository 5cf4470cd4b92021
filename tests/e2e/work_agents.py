"""An agent whose made-up model begins a tool of 45 seconds and comes back for its result."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.clients.agents import ask_claude_code, log_in_to_claude_code
from tests.clients.home import settled
from tests.clients.models.model import Call, Conversation, Say
from tests.e2e.long_work import TOOL
from tests.e2e.work_clients import PATIENCE

GET_RESULT = "get_result"


@dataclass
class FollowWork:
    """What a model does that reads the results of the tools: here their structured content alone."""

    answers: list[str] = field(default_factory=list)
    """What the client gave it of each result."""

    def __call__(self, conversation: Conversation) -> Call | Say:
        if conversation.answer is None:
            return conversation.call(TOOL)
        self.answers.append(conversation.answer)
        data = json.loads(conversation.answer)
        if not data.get("next_step", "").startswith(f"Call {GET_RESULT} with this handle"):
            return Say(conversation.answer)
        return conversation.call(GET_RESULT, {"handle": data["handle"]}, len(self.answers) + 1)


@dataclass(frozen=True)
class Agent:
    """What was seen of one."""

    said: str
    answers: list[str]
    version: str
    tokens: set[str]


def run_claude_code(project: Path, folder: Path) -> Agent:
    """Its token ends while the work goes on."""
    plan = FollowWork()
    with settled(folder, plan=plan, project=project) as home:
        home.patience = PATIENCE
        log_in_to_claude_code(home)
        said = ask_claude_code(home, tools=(TOOL, GET_RESULT))
        (begun,) = home.observer.calls(TOOL)
        tokens = {each.headers["authorization"] for each in (begun, *home.observer.calls(GET_RESULT))}
        return Agent(said, plan.answers, begun.headers["mcp-protocol-version"], tokens)
