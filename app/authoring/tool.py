"""The `@tool` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from app.access.declaration import Access, Declared, declare
from app.authoring.icons import Icon, Icons, icons_of
from app.authoring.pages import Visibility, check_page
from app.authoring.values import check_meta
from app.current import CallerError

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_tool__"

Warned: TypeAlias = Literal[
    "additional-properties",
    "any",
    "definitions",
    "long-name",
    "number-choice",
    "property-name",
    "recursive",
    "root-condition",
]
"""What the start warns of: right, and not for every client (docs/schemas.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMetadata:
    """What a client is told about a tool beside its name, description and schemas."""

    title: str | None = None
    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values may stand in the audit record."""
    icons: tuple[Icon, ...] = ()
    meta: Mapping[str, Any] | None = None
    ui: str | None = None
    visibility: tuple[Visibility, ...] = ()
    input_schema: dict[str, Any] | None = None
    silence: tuple[Warned, ...] = ()


class ToolError(CallerError):
    """Raise this in a tool to tell the model or its user what went wrong; the message reaches them as it is.

    The text of any other exception stays in the log.
    """


def tool(
    *,
    title: str | None = None,
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
    requires: Declared = None,
    discoverable: bool = False,
    audit: Sequence[str] = (),
    icons: Icons = (),
    meta: Mapping[str, Any] | None = None,
    ui: str | None = None,
    visibility: Sequence[Visibility] = (),
    input_schema: dict[str, Any] | None = None,
    silence: Sequence[Warned] = (),
) -> Callable[[Function], Function]:
    """Make a function of a module in app/tools/ a tool.

    Its name is the tool's name, its docstring the description that the model reads, its parameters the
    input schema, its return type the output schema. Clients show `title` to people and use the four hints
    (MCP tool annotations) to decide when to ask for confirmation. A hint that you do not give is not sent, and
    clients then expect the worst: that the tool changes and destroys things and talks to the outside. Say
    True or False where you know.

    Args:
        title: A name for people, such as "Who am I".
        read_only: The tool changes nothing. Say so only if it holds: clients may then call it without asking.
        destructive: It may delete or overwrite; means something only if it is not read-only.
        idempotent: Calling it again with the same arguments has no further effect.
        open_world: It talks to systems beyond this server, such as the web.
        requires: Who may call it (app.access), such as permission("reports:read"); several must all hold.
            Without it any person may, and no machine application.
        discoverable: Those who may not call it see it all the same, and are told why they may not.
        audit: Parameters whose values the audit record shows; it names the others alone.
        icons: https or data addresses of images that clients show beside the title.
        meta: For clients that know your keys, which are like "example.com/name".
        ui: The ui:// resource whose page shows the result, in clients that can (MCP Apps).
        visibility: Who may call it, of "model" and "app", which is that page. Both if it is not said.
        input_schema: JSON Schema 2020-12 of the same parameters, shown as it is in place of that of their types.
            The types are checked all the same; the rest the function checks. Clients drop a tool whose schema has
            a condition or a choice at its top: check that in the function and raise ToolError.
        silence: Kinds of warnings that the start is not to give about this tool, such as "any", once you know that
            the clients they name are not yours.

    Raises:
        DeclarationError: for a requirement that cannot be met.
        ContentError: for an icon, key or page that cannot be.
        ValueError: for a warning to silence that there is not.
    """
    check_meta(meta)
    check_page(ui, visibility)
    silenced: Any = (silence,) if isinstance(silence, str) else tuple(silence)
    if unknown := [kind for kind in silenced if kind not in get_args(Warned)]:
        raise ValueError(f"silence has {unknown[0]!r}; the start warns of {', '.join(get_args(Warned))}")
    metadata = ToolMetadata(
        title=title,
        read_only=read_only,
        destructive=destructive,
        idempotent=idempotent,
        open_world=open_world,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=icons_of(icons),
        meta=meta,
        ui=ui,
        visibility=tuple(visibility),
        input_schema=input_schema,
        silence=silenced,
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
