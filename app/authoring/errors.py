"""The errors that authors raise, or meet: each text of theirs reaches the caller as it is.

The text of any other exception stays in the log, because it may hold internals.
"""

from app.current import CallerError


class ToolError(CallerError):
    """Raise this in a tool to tell the model, or its user, what went wrong."""


class StepFailed(Exception):
    """A step of background work raised something that only the log repeats.

    The cause is there in the run in which it happened; later runs have this exception alone.
    """


class PromptError(CallerError):
    """Raise this in a prompt to tell its user what went wrong."""


class ResourceError(CallerError):
    """Raise this in a resource to tell its reader what went wrong."""


class ResourceNotFound(ResourceError):
    """Raise this where the URI fits the template but nothing is there: the answer is that of an unknown URI."""

    def __init__(self) -> None:
        super().__init__("There is no such resource.")


class ContentError(ValueError):
    """A value that an author gave cannot be sent; the text says what to give instead, without the value."""
