"""A prompt of several messages, of every kind that one may have."""

from app.authoring import Audio, Content, Embedded, Image, Link, Message, Text, prompt


@prompt(title="A conversation")
async def conversation(topic: str) -> list[str | Content | Message]:
    """Begin a conversation."""
    return [
        f"Let us talk about {topic}.",
        Message("With pleasure.", role="assistant"),
        Text("Good.", audience="assistant"),
        Message(Embedded("server://about", "about"), role="assistant"),
        Image(b"\x89PNG\r\n\x1a\n"),
        Audio("AAAA", "audio/wav"),
        Link("server://about", "about"),
    ]
