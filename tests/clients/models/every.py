"""The made-up model behind all the APIs that it speaks."""

from tests.clients.models.anthropic import Messages
from tests.clients.models.gemini import GenerateContent
from tests.clients.models.model import Model, Plan, call_whoami
from tests.clients.models.openai_chat import ChatCompletions
from tests.clients.models.openai_responses import Responses


def make_model(plan: Plan = call_whoami) -> Model:
    gemini = GenerateContent()
    return Model(
        {
            "/messages": Messages(),
            "/chat/completions": ChatCompletions(),
            "/responses": Responses(),
            ":generateContent": gemini,
            ":streamGenerateContent": gemini,
        },
        plan,
    )
