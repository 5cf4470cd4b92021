"""The `@tool` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from app.access.declaration import Access, Declared, declare
from app.authoring.icons import Icon, Icons, read_icons
from app.authoring.pages import Visibility, check_page
from app.authoring.values import check_meta
from app.authoring.work import Background, read_background

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_tool__"

SchemaWarning: TypeAlias = Literal[
    "additional-properties",
    "any",
    "definitions",
    "long-name",
    "number-choice",
    "property-name",
    "recursive",
    "root-condition",
]
"""Kinds of warnings at start: the schema is correct, but some clients cannot read it (docs/schemas.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolMetadata:
    """What the list of tools says beside the name, description and schemas, and who may call it."""

    title: str | None = None
    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values go into the audit record."""
    icons: tuple[Icon, ...] = ()
    meta: Mapping[str, Any] | None = None
    ui: str | None = None
    visibility: tuple[Visibility, ...] = ()
    input_schema: dict[str, Any] | None = None
    silence: tuple[SchemaWarning, ...] = ()
    background: Background | None = None
    """Set for a tool whose work goes on without the call that began it."""


def tool(
    without_parentheses: None = None,
    /,
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
    silence: Sequence[SchemaWarning] = (),
    background: bool | Background = False,
) -> Callable[[Function], Function]:
    """Make a function of a module in app/tools/ a tool.

    The function's name is the tool's name, its docstring the description that the model reads, its parameters
    the input schema, its return type the output schema. Clients show `title` to people and use the four hints
    (MCP tool annotations) to decide when to ask for confirmation. A hint that you leave out is not sent. Clients
    then assume that the tool changes and deletes things and talks to the outside, so say True or False where
    you know.

    Args:
        title: A name for people, such as "Who am I".
        read_only: The tool changes nothing. Clients may then call it without asking their user.
        destructive: It may delete or overwrite; it counts only for a tool that is not read-only.
        idempotent: Calling it again with the same arguments has no further effect.
        open_world: It talks to systems beyond this server, such as the web.
        requires: Who may call it, such as permission("reports:read"); a list means all of them.
            Without it any person may, and no machine application.
        discoverable: Callers who may not call it still see it in the list, and learn why they may not.
        audit: Parameters whose values go into the audit record; of the others it has the names only.
        icons: https or data addresses of images that clients show beside the title.
        meta: For clients that know your keys, which are like "example.com/name".
        ui: The ui:// resource whose page shows the result, in clients that can (MCP Apps).
        visibility: Who may call it: "model", "app", which is that page, or both; both if left out.
        input_schema: JSON Schema 2020-12 of the same parameters. The list shows it instead of the schema that the
            types give. The server checks the types; the function checks what else the schema demands. Some clients
            drop a tool whose schema has a condition or a choice at its top: check those in the function and raise
            ToolError.
        silence: Kinds of warnings to leave out at start for this tool, such as "any", once you know that your
            clients are not those that the warning names.
        background: The work may take minutes or hours: it goes on without the call that began it, whose caller
            fetches the result later. True is Background().

    Raises:
        DeclarationError: no caller could meet the requirement.
        ContentError: an icon, page or key of `meta` cannot be sent.
        ValueError: `silence` names a warning that does not exist.
        TypeError: it is written without its parentheses, or `background` is something else.
    """
    if without_parentheses is not None:
        raise TypeError("write @tool(), with parentheses")
    check_meta(meta)
    check_page(ui, visibility)
    silenced: Any = (silence,) if isinstance(silence, str) else tuple(silence)
    if unknown := [kind for kind in silenced if kind not in get_args(SchemaWarning)]:
        raise ValueError(f"silence has {unknown[0]!r}; the start warns of {', '.join(get_args(SchemaWarning))}")
    metadata = ToolMetadata(
        title=title,
        read_only=read_only,
        destructive=destructive,
        idempotent=idempotent,
        open_world=open_world,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=read_icons(icons),
        meta=meta,
        ui=ui,
        visibility=tuple(visibility),
        input_schema=input_schema,
        silence=silenced,
        background=read_background(background),
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
