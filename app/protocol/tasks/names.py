"""How background work writes its messages, steps and questions into its execution, and how they are read.

The worker writes, and the function that answers callers reads: both import this file.
"""

import json
from typing import Final

EXTENSION: Final = "io.modelcontextprotocol/tasks"
SAY: Final = "Say"
"""The subtype of a step that only carries a message, as its name."""
STEP: Final = "Step"
"""The subtype of an author's step."""
WHOLE: Final = "Tool"
"""The subtype of the only step of a tool that takes no Work."""
QUESTION: Final = "Question"
"""The subtype of a step that returns a question to the user. A callback of the same name waits for the answer."""
ANSWER: Final = "Answer"
"""The subtype of that callback."""
CHECK: Final = "check"
"""The member of a payload, instead of a tool's, with which the operator asks whether the worker starts."""
MAX_NAME_CHARACTERS: Final = 256
"""AWS Lambda API reference, Event.Name."""


def write_name(text: str) -> str:
    """The text as the name of an operation, which holds printable ASCII only (AWS Lambda API reference, Event)."""
    parts: list[str] = []
    left = MAX_NAME_CHARACTERS
    for character in text or " ":
        part = json.dumps(character)[1:-1].replace("\x7f", "\\u007f")
        left -= len(part)
        if left < 0:
            break
        parts.append(part)
    return "".join(parts)


def read_name(name: str) -> str:
    """The text that `write_name` wrote."""
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name  # of an operation that something else has named
