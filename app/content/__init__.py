"""What tools, prompts and resources may return beside text and models, and what stands beside their names."""

from app.content.annotations import Annotations, Role
from app.content.icon import Icon, Icons
from app.content.kinds import Audio, Content, Embedded, Image, Link, Text
from app.content.result import BigInt, Result
from app.content.ui import UI
from app.content.values import ContentError

__all__ = [
    "UI",
    "Annotations",
    "Audio",
    "BigInt",
    "Content",
    "ContentError",
    "Embedded",
    "Icon",
    "Icons",
    "Image",
    "Link",
    "Result",
    "Role",
    "Text",
]
