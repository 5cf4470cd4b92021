"""The `@resource` decorator: it attaches metadata to a function and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.access.declaration import Access, Declared, declare
from app.authoring.annotations import Annotations
from app.authoring.icons import Icon, Icons, icons_of
from app.authoring.pages import UI, page_type
from app.authoring.values import check_meta, check_mime_type
from app.current import CallerError

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__mcp_resource__"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceMetadata:
    """What a client is told about a resource beside its name and description."""

    uri: str
    """Its address, or a template (RFC 6570) for the addresses of many."""
    title: str | None = None
    mime_type: str | None = None
    max_age: int = 0
    access: Access
    audit: tuple[str, ...] = ()
    """Parameters whose values may stand in the audit record."""
    icons: tuple[Icon, ...] = ()
    annotations: Annotations | None = None
    meta: Mapping[str, Any] | None = None
    ui: UI | None = None


class ResourceError(CallerError):
    """Raise this in a resource to tell its reader what went wrong; the message reaches them as it is.

    The text of any other exception stays in the log.
    """


class ResourceNotFound(ResourceError):
    """Raise this where the template fits but there is no such thing: it is answered like any unknown URI."""

    def __init__(self) -> None:
        super().__init__("There is no such resource.")


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

    Its name is the resource's name, its docstring the description. With variables in the URI, such as
    "report://{report_id}", it is a template, and its parameters are the variables. It returns text, bytes,
    a model or dict, which is sent as JSON, or a list of `Embedded` if it has several parts.

    Args:
        uri: "server://about", or a template such as "report://{report_id}{?page}". A value that is an absolute
            path, or leaves its folder by "..", is answered like an unknown URI.
        title: A name for people.
        mime_type: What it returns; text/plain, application/json or application/octet-stream if not given.
        max_age: Seconds for which a client may keep what it has read.
        requires: Who may read it (app.access), as for a tool.
        discoverable: Those who may not read it see it all the same, and are told why they may not.
        audit: Parameters whose values the audit record shows; it names the others alone.
        icons: https or data addresses of images that clients show beside the title.
        annotations: For whom it is, how much it matters, and when it last changed (app.authoring).
        meta: For clients that know your keys, which are like "example.com/name".
        ui: What the page of a ui:// resource may reach beyond itself (app.authoring).

    Raises:
        DeclarationError: for a requirement that cannot be met.
        ContentError: for a MIME type, icon, key or page that cannot be.
        ValueError: for a negative max_age.
    """
    check_meta(meta)
    if mime_type is not None:
        check_mime_type(mime_type)
    if max_age < 0:
        raise ValueError("max_age is a number of seconds, 0 or more")
    metadata = ResourceMetadata(
        uri=uri,
        title=title,
        mime_type=page_type(uri, mime_type, ui),
        max_age=max_age,
        access=declare(requires, discoverable=discoverable),
        audit=(audit,) if isinstance(audit, str) else tuple(audit),
        icons=icons_of(icons),
        annotations=annotations,
        meta=meta,
        ui=ui,
    )

    def attach(function: Function) -> Function:
        setattr(function, ATTRIBUTE, metadata)
        return function

    return attach
