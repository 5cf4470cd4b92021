"""A prompt that starts a conversation: it tells the model who the user is."""

from typing import Annotated, Literal

from pydantic import Field

from app.authoring import CurrentSession, prompt

_ASK = "Tell me what you can do for me with these tools, one line each, then ask what I want to get done."


@prompt(title="Introduce me")
async def introduce_me(
    session: CurrentSession,
    task: Annotated[str | None, Field(description="What you want to get done, if you know it already")] = None,
    answers: Annotated[Literal["short", "detailed"], Field(description="How you like your answers")] = "short",
) -> str:
    """Tell the model who you are here, and have it find out what you can do with this server."""
    organization = session.organization_id
    place = f"in the organisation {organization}" if organization else "without an organisation"
    return (
        f"I am logged in to this server as the WorkOS user {session.user_id}, {place}. "
        "Use its tool whoami if you need to know more about me, and of its tools those that it lists: "
        f"they are the ones that I may use. Keep answers {answers}.\n\n"
        + (f"This is what I want to get done: {task}" if task else _ASK)
    )
