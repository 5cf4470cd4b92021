"""A prompt of several messages, of every kind that one may have."""

from mcp.server.mcpserver import Image
from mcp.server.mcpserver.prompts.base import AssistantMessage
from mcp_types import EmbeddedResource, PromptMessage, TextContent, TextResourceContents

from app.prompt import Message, prompt


@prompt(title="A conversation")
async def conversation(topic: str) -> list[object]:
    """Begin a conversation."""
    linked = TextResourceContents(uri="server://about", text="about", mime_type="text/plain")
    return [
        f"Let us talk about {topic}.",
        Message("With pleasure.", role="assistant"),
        TextContent(text="Good."),
        Message(EmbeddedResource(resource=linked)),
        Image(data=b"png", format="png"),
        AssistantMessage("Nice."),
        PromptMessage(role="user", content=TextContent(text="Begin.")),
    ]
