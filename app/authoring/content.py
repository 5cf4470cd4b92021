"""What a tool or prompt may return besides text and models: each kind of content that MCP has, and `Result`."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar, get_args

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from app.authoring.errors import ContentError
from app.authoring.icons import Icons, read_icons
from app.authoring.values import check_meta, check_mime_type, check_size, check_uri, decode_base64

T = TypeVar("T")
Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Hints for clients about a piece of content or a resource (MCP annotations). A client may ignore them.

    Raises:
        ContentError: for a role, priority or time that MCP does not have.
    """

    audience: Role | Sequence[Role] = ()
    """ "user", "assistant" (the model) or both; both if left out."""
    priority: float | None = None
    """From 0 (may be left out) to 1 (needed)."""
    last_modified: datetime | None = None
    """With a time zone."""

    def __post_init__(self) -> None:
        if not set(self.roles) <= set(get_args(Role)):
            raise ContentError('audience is "user", "assistant" or both')
        if self.priority is not None and not 0 <= self.priority <= 1:
            raise ContentError("priority is a number from 0 to 1")
        if self.last_modified is not None and self.last_modified.tzinfo is None:
            raise ContentError("last_modified has no time zone; write datetime.now(UTC), for example")

    @property
    def roles(self) -> tuple[Role, ...]:
        """The audience as a tuple, in the author's order."""
        return (self.audience,) if isinstance(self.audience, str) else tuple(self.audience)


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
    """Text with annotations; for text without any, return a plain str."""

    text: str

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        check_size(len(self.text))


@dataclass(frozen=True, slots=True)
class _Media(Content):
    """An image or sound: bytes, or the base64 text of bytes."""

    data: bytes | str
    mime_type: str | None = None
    """If left out, the first bytes of PNG, JPEG, GIF, WebP, WAV, MP3, Ogg and FLAC tell it."""

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        kind = type(self).__name__.lower()
        raw = self.data if isinstance(self.data, bytes) else decode_base64(self.data)
        check_size(len(raw))
        if self.mime_type is None:
            object.__setattr__(self, "mime_type", _detect_mime_type(raw, kind))
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


# By the bytes at the start and at the eighth place (WHATWG MIME Sniffing, section 6).
_SIGNATURES = {
    "image": {
        "image/png": (b"\x89PNG\r\n\x1a\n", b""),
        "image/jpeg": (b"\xff\xd8\xff", b""),
        "image/gif": (b"GIF8", b""),
        "image/webp": (b"RIFF", b"WEBP"),
    },
    "audio": {
        "audio/wav": (b"RIFF", b"WAVE"),
        "audio/mpeg": (b"ID3", b""),
        "audio/ogg": (b"OggS", b""),
        "audio/flac": (b"fLaC", b""),
    },
}


def _detect_mime_type(data: bytes, kind: str) -> str:
    for mime_type, (first, eighth) in _SIGNATURES[kind].items():
        if data.startswith(first) and data[8:12].startswith(eighth):
            return mime_type
    example = "image/svg+xml" if kind == "image" else "audio/aac"
    raise ContentError(f'the data does not tell its type; give it as mime_type="{example}", for example')


@dataclass(frozen=True, slots=True)
class Embedded(Content):
    """A resource together with its content. It does not have to be in the list of resources."""

    uri: str
    content: str | bytes
    mime_type: str | None = None
    """If left out, text/plain for text and application/octet-stream for bytes."""

    def __post_init__(self) -> None:
        Content.__post_init__(self)
        check_uri(self.uri)
        check_size(len(self.content))
        if self.mime_type is not None:
            check_mime_type(self.mime_type)


@dataclass(frozen=True, slots=True)
class Link(Content):
    """Where a resource is. The client reads it if it wants to."""

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
        object.__setattr__(self, "icons", read_icons(self.icons))


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """A tool's result in parts: `-> Result[Report]` has Report's output schema, and content of its own."""

    structured: T
    """The data for programs."""
    content: str | Content | Sequence[str | Content] = ()
    """For the model. Text in it replaces the JSON of `structured`; without any text, that JSON goes first."""
    meta: Mapping[str, Any] | None = None
    """For the client and its pages; the model does not see it."""

    def __post_init__(self) -> None:
        check_meta(self.meta)

    @property
    def parts(self) -> tuple[str | Content, ...]:
        """The content as a tuple."""
        return (self.content,) if isinstance(self.content, str | Content) else tuple(self.content)


# Python reads at most 4300 digits as an int, unless it is configured otherwise.
_WHOLE_NUMBER = re.compile("-?[0-9]{1,4300}")


def _check_whole_number(given: Any) -> Any:
    """Texts must be whole numbers; numbers, which some clients send in their place, go on to pydantic."""
    if isinstance(given, bool) or (isinstance(given, str) and not _WHOLE_NUMBER.fullmatch(given)):
        raise ValueError('should be a whole number as text, such as "9007199254740993"')
    return given


BigInt: TypeAlias = Annotated[
    int,
    BeforeValidator(_check_whole_number),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^-?[0-9]+$"}),
]
"""An int that is sent as text, because clients in JavaScript round numbers over 2**53 (RFC 8259 section 6)."""
