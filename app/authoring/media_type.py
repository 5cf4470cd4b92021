"""The MIME type of an image or of sound, by its first bytes (the signatures of WHATWG's MIME Sniffing)."""

from app.authoring.values import ContentError

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
"""What it begins with, and what stands at the eighth byte."""


def media_type_of(data: bytes, kind: str) -> str:
    """Raises: ContentError, if the bytes do not say it."""
    for media_type, (first, eighth) in _SIGNATURES[kind].items():
        if data.startswith(first) and data[8:12].startswith(eighth):
            return media_type
    example = "image/svg+xml" if kind == "image" else "audio/aac"
    raise ContentError(f'the data does not tell its type; give it as mime_type="{example}", for example')
