"""Writes an author's content as the content blocks of the protocol."""

import base64
from collections.abc import Mapping
from typing import Any, TypeAlias

import mcp_types as wire

from app.authoring.content import Annotations, Audio, Content, Embedded, Image, Link, Text
from app.authoring.icons import Icons, read_icons

Contents: TypeAlias = wire.TextResourceContents | wire.BlobResourceContents


def write_block(item: Any) -> wire.ContentBlock:
    """The block of a text or of content.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(item, str):
        return wire.TextContent(text=item)
    if isinstance(item, Content):
        return _write_content(item, {"annotations": write_annotations(item), "_meta": _copy(item.meta)})
    raise TypeError(f"{type(item).__name__} is no content; give text, or Text, Image, Audio, Embedded or Link")


def _write_content(item: Content, about: dict[str, Any]) -> wire.ContentBlock:
    match item:
        case Text():
            return wire.TextContent(text=item.text, **about)
        case Image():
            return wire.ImageContent(data=item.base64, mime_type=str(item.mime_type), **about)
        case Audio():
            return wire.AudioContent(data=item.base64, mime_type=str(item.mime_type), **about)
        case Embedded():
            contents = write_contents(item.uri, item.content, item.mime_type)
            return wire.EmbeddedResource(resource=contents, **about)
        case Link():
            return _write_link(item, about)
    raise TypeError("Content is of no kind; give Text, Image, Audio, Embedded or Link")


def write_contents(
    uri: str, content: str | bytes, mime_type: str | None, meta: Mapping[str, Any] | None = None
) -> Contents:
    """The contents of a resource: text unchanged, bytes as base64."""
    if isinstance(content, bytes):
        blob, kind = base64.b64encode(content).decode(), mime_type or "application/octet-stream"
        return wire.BlobResourceContents(uri=uri, mime_type=kind, blob=blob, _meta=_copy(meta))
    return wire.TextResourceContents(uri=uri, mime_type=mime_type or "text/plain", text=content, _meta=_copy(meta))


def write_annotations(annotations: Annotations) -> wire.Annotations | None:
    """The annotations; None if the author set none."""
    roles, changed = list(annotations.roles), annotations.last_modified
    if not roles and annotations.priority is None and changed is None:
        return None
    return wire.Annotations(
        audience=roles or None,
        priority=annotations.priority,
        # The example in the schema writes UTC as Z.
        last_modified=changed.isoformat().replace("+00:00", "Z") if changed else None,
    )


def write_icons(icons: Icons) -> list[wire.Icon] | None:
    """The icons; None without any."""
    return [
        wire.Icon(src=icon.src, mime_type=icon.mime_type, sizes=list(icon.sizes) or None, theme=icon.theme)
        for icon in read_icons(icons)
    ] or None


def _write_link(link: Link, about: dict[str, Any]) -> wire.ResourceLink:
    return wire.ResourceLink(
        uri=link.uri,
        name=link.name,
        title=link.title,
        description=link.description,
        mime_type=link.mime_type,
        size=link.size,
        icons=write_icons(link.icons),
        **about,
    )


def _copy(meta: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(meta) if meta else None
