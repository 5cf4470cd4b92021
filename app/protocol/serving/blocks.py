"""An author's content as the protocol's content blocks."""

import base64
from collections.abc import Mapping
from typing import Any, TypeAlias

import mcp_types as wire

from app.authoring.content import Annotations, Audio, Content, Embedded, Image, Link, Text
from app.authoring.icons import Icons, read_icons

Contents: TypeAlias = wire.TextResourceContents | wire.BlobResourceContents


def block_of(item: Any) -> wire.ContentBlock:
    """Raises: TypeError, for what is neither text nor content."""
    if isinstance(item, str):
        return wire.TextContent(text=item)
    if isinstance(item, Content):
        return _block_of(item, {"annotations": annotations_of(item), "_meta": _own(item.meta)})
    raise TypeError(f"{type(item).__name__} is no content; give text, or Text, Image, Audio, Embedded or Link")


def _block_of(item: Content, about: dict[str, Any]) -> wire.ContentBlock:
    match item:
        case Text():
            return wire.TextContent(text=item.text, **about)
        case Image():
            return wire.ImageContent(data=item.base64, mime_type=str(item.mime_type), **about)
        case Audio():
            return wire.AudioContent(data=item.base64, mime_type=str(item.mime_type), **about)
        case Embedded():
            contents = contents_of(item.uri, item.content, item.mime_type)
            return wire.EmbeddedResource(resource=contents, **about)
        case Link():
            return _link(item, about)
    raise TypeError("Content is of no kind; give Text, Image, Audio, Embedded or Link")


def contents_of(
    uri: str, content: str | bytes, mime_type: str | None, meta: Mapping[str, Any] | None = None
) -> Contents:
    """The content of a resource: text as it is, bytes as base64."""
    if isinstance(content, bytes):
        blob, kind = base64.b64encode(content).decode(), mime_type or "application/octet-stream"
        return wire.BlobResourceContents(uri=uri, mime_type=kind, blob=blob, _meta=_own(meta))
    return wire.TextResourceContents(uri=uri, mime_type=mime_type or "text/plain", text=content, _meta=_own(meta))


def annotations_of(annotations: Annotations) -> wire.Annotations | None:
    """None where there is nothing to say."""
    roles, changed = list(annotations.roles), annotations.last_modified
    if not roles and annotations.priority is None and changed is None:
        return None
    return wire.Annotations(
        audience=roles or None,
        priority=annotations.priority,
        # As the schema's example has it: UTC is written Z.
        last_modified=changed.isoformat().replace("+00:00", "Z") if changed else None,
    )


def icons_on_the_wire(icons: Icons) -> list[wire.Icon] | None:
    """None where there are none."""
    return [
        wire.Icon(src=icon.src, mime_type=icon.mime_type, sizes=list(icon.sizes) or None, theme=icon.theme)
        for icon in read_icons(icons)
    ] or None


def _link(link: Link, about: dict[str, Any]) -> wire.ResourceLink:
    return wire.ResourceLink(
        uri=link.uri,
        name=link.name,
        title=link.title,
        description=link.description,
        mime_type=link.mime_type,
        size=link.size,
        icons=icons_on_the_wire(link.icons),
        **about,
    )


def _own(meta: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(meta) if meta else None
