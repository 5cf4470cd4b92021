"""The `@prompt` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.access.declaration import Access, Declared, declare
from app.authoring.annotations import Role
from app.authoring.content import Content
from app.authoring.icons import Icon, Icons, icons_of
from app.authoring.values import check_meta
from app.current import CallerError

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_prompt__"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptMetadata:
    """What a client is told about a prompt beside its name, description and arguments."""

    title: str | None = None
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values may stand in the audit record."""
    icons: tuple[Icon, ...] = ()
    meta: Mapping[str, Any] | None = None


class PromptError(CallerError):
    """Raise this in a prompt to tell its user what went wrong; the message reaches them as it is.

    The text of any other exception stays in the log.
    """


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation that a prompt begins. A bare string is a message of the user."""

    content: str | Content
    role: Role = "user"


def prompt(
    *,
    title: str | None = None,
    requires: Declared = None,
    discoverable: bool = False,
    audit: Sequence[str] = (),
    icons: Icons = (),
    meta: Mapping[str, Any] | None = None,
) -> Callable[[Function], Function]:
    """Make a function of a module in app/prompts/ a prompt, which people choose in their client.

    Its name is the prompt's name, its docstring the description, its parameters are what the user is asked
    for. It returns the text of one message of the user, or a list of texts, content (app.authoring) and `Message`.

    Args:
        title: A name for people, such as "Introduce me".
        requires: Who may use it (app.access), as for a tool.
        discoverable: Those who may not use it see it all the same, and are told why they may not.
        audit: Parameters whose values the audit record shows; it names the others alone.
        icons: https or data addresses of images that clients show beside the title.
        meta: For clients that know your keys, which are like "example.com/name".

    Raises:
        DeclarationError: for a requirement that cannot be met.
        ContentError: for an icon or key that cannot be.
    """
    check_meta(meta)
    metadata = PromptMetadata(
        title=title,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=icons_of(icons),
        meta=meta,
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
