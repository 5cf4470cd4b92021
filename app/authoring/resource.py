"""The `@resource` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.access.declaration import Access, Declared, declare
from app.authoring.content import Annotations
from app.authoring.icons import Icon, Icons, read_icons
from app.authoring.pages import UI, choose_mime_type
from app.authoring.values import check_meta, check_mime_type

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_resource__"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMetadata:
    """What the list of resources says beside the name and description, and who may read it."""

    uri: str
    """An address, or a template (RFC 6570) of many addresses."""
    title: str | None = None
    mime_type: str | None = None
    max_age: int = 0
    """In seconds."""
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values go into the audit record."""
    icons: tuple[Icon, ...] = ()
    annotations: Annotations | None = None
    meta: Mapping[str, Any] | None = None
    ui: UI | None = None


def resource(
    uri: str,
    *,
    title: str | None = None,
    mime_type: str | None = None,
    max_age: int = 0,
    requires: Declared = None,
    discoverable: bool = False,
    audit: Sequence[str] = (),
    icons: Icons = (),
    annotations: Annotations | None = None,
    meta: Mapping[str, Any] | None = None,
    ui: UI | None = None,
) -> Callable[[Function], Function]:
    """Make a function of a module in app/resources/ a resource, which clients read by its URI.

    The function's name is the resource's name, its docstring the description. A URI with variables, such as
    "report://{report_id}", is a template, and the function's parameters are the variables. It returns text,
    bytes, a model or dict, which is sent as JSON, or a list of `Embedded` for several parts.

    Args:
        uri: "server://about", or a template such as "report://{report_id}{?page}". If a variable's value is an
            absolute path, or leaves its folder by "..", the answer is that of an unknown URI.
        title: A name for people.
        mime_type: What it returns; if left out, text/plain, application/json or application/octet-stream.
        max_age: Seconds for which a client may reuse what it has read.
        requires: Who may read it, as for a tool. Without it any person may, and no machine application.
        discoverable: Callers who may not read it still see it in the list, and learn why they may not.
        audit: Parameters whose values go into the audit record; of the others it has the names only.
        icons: https or data addresses of images that clients show beside the title.
        annotations: For whom it is, how much it matters, and when it last changed.
        meta: For clients that know your keys, which are like "example.com/name".
        ui: What the page of a ui:// resource may load and call.

    Raises:
        DeclarationError: no caller could meet the requirement.
        ContentError: a MIME type, icon, page or key of `meta` cannot be sent.
        ValueError: max_age is negative.
    """
    check_meta(meta)
    if mime_type is not None:
        check_mime_type(mime_type)
    if max_age < 0:
        raise ValueError("max_age is a number of seconds, 0 or more")
    metadata = ResourceMetadata(
        uri=uri,
        title=title,
        mime_type=choose_mime_type(uri, mime_type, ui),
        max_age=max_age,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=read_icons(icons),
        annotations=annotations,
        meta=meta,
        ui=ui,
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
