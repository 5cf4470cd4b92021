"""The `@prompt` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.access.declaration import Access, Declared, declare
from app.authoring.content import Content, Role
from app.authoring.icons import Icon, Icons, read_icons
from app.authoring.values import check_meta

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_prompt__"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptMetadata:
    """What the list of prompts says beside the name, description and arguments, and who may use it."""

    title: str | None = None
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values go into the audit record."""
    icons: tuple[Icon, ...] = ()
    meta: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation that a prompt starts. A plain str is a message of the user."""

    content: str | Content
    role: Role = "user"


def prompt(
    without_parentheses: None = None,
    /,
    *,
    title: str | None = None,
    requires: Declared = None,
    discoverable: bool = False,
    audit: Sequence[str] = (),
    icons: Icons = (),
    meta: Mapping[str, Any] | None = None,
) -> Callable[[Function], Function]:
    """Make a function of a module in app/prompts/ a prompt, which people choose in their client.

    The function's name is the prompt's name, its docstring the description. The client asks the user for its
    parameters. It returns the text of one message of the user, or a list of texts, content and `Message`.

    Args:
        title: A name for people, such as "Introduce me".
        requires: Who may use it, as for a tool. Without it any person may, and no machine application.
        discoverable: Callers who may not use it still see it in the list, and learn why they may not.
        audit: Parameters whose values go into the audit record; of the others it has the names only.
        icons: https or data addresses of images that clients show beside the title.
        meta: For clients that know your keys, which are like "example.com/name".

    Raises:
        DeclarationError: no caller could meet the requirement.
        ContentError: an icon or a key of `meta` cannot be sent.
        TypeError: it is written without its parentheses.
    """
    if without_parentheses is not None:
        raise TypeError("write @prompt(), with parentheses")
    check_meta(meta)
    metadata = PromptMetadata(
        title=title,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=read_icons(icons),
        meta=meta,
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
