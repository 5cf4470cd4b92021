"""What a tool or prompt may return beside text and models: each kind of content that the protocol has."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.authoring.annotations import Annotations
from app.authoring.icons import Icons, icons_of
from app.authoring.media_type import media_type_of
from app.authoring.values import check_meta, check_mime_type, check_size, check_uri, decoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Annotations):
    """One piece of a tool's result or of a prompt: Text, Image, Audio, Embedded or Link."""

    meta: Mapping[str, Any] | None = None
    """For programs, under keys such as "example.com/name"."""

    def __post_init__(self) -> None:
        Annotations.__post_init__(self)
        check_meta(self.meta)


@dataclass(frozen=True, slots=True)
class Text(Content):
    """Text with annotations; without any, a plain str does."""

    text: str

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        check_size(len(self.text))


@dataclass(frozen=True, slots=True)
class _Media(Content):
    """Bytes, or text that is base64 of them."""

    data: bytes | str
    mime_type: str | None = None
    """Told by the first bytes of PNG, JPEG, GIF, WebP, WAV, MP3, Ogg and FLAC if it is not said."""

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        kind = type(self).__name__.lower()
        raw = self.data if isinstance(self.data, bytes) else decoded(self.data)
        check_size(len(raw))
        if self.mime_type is None:
            object.__setattr__(self, "mime_type", media_type_of(raw, kind))
        else:
            check_mime_type(self.mime_type, kind=kind)

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode() if isinstance(self.data, bytes) else self.data


class Image(_Media):
    """An image: `Image(png)`, or `Image(svg, "image/svg+xml")`."""

    __slots__ = ()


class Audio(_Media):
    """Sound: `Audio(wav)`, or `Audio(aac, "audio/aac")`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Embedded(Content):
    """A resource with its content in it, whether or not a list names it."""

    uri: str
    content: str | bytes
    mime_type: str | None = None
    """text/plain or application/octet-stream if it is not said."""

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        check_uri(self.uri)
        check_size(len(self.content))
        if self.mime_type is not None:
            check_mime_type(self.mime_type)


@dataclass(frozen=True, slots=True)
class Link(Content):
    """Where a resource is, for the client to read if it wants to."""

    uri: str
    name: str
    title: str | None = None
    description: str | None = None
    mime_type: str | None = None
    size: int | None = None
    """In bytes."""
    icons: Icons = ()

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        check_uri(self.uri)
        if self.mime_type is not None:
            check_mime_type(self.mime_type)
        object.__setattr__(self, "icons", icons_of(self.icons))
