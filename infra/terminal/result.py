"""Write the result of a call: its texts, its structured result, and what else is in it."""

import base64
import json
import mimetypes
import shlex
from binascii import Error as InvalidBase64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from infra.operator.report import printable
from infra.terminal.command import TerminalError
from infra.terminal.screen import Screen, make_safe


class Files:
    """Where SAVE= puts images and other bytes of a result. Without a folder they are only named."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = Path(folder).expanduser() if folder else None
        self._name = "".join(each if each.isalnum() or each in "-_" else "-" for each in name)[:80] or "result"
        self._saved = 0

    def describe(self, kind: str, mime_type: str | None, data: str) -> str:
        """Save the bytes, or say how to, in one line.

        Raises:
            TerminalError: if the file cannot be written, or the data is not base64.
        """
        about = printable(f"{kind}, {mime_type or 'unknown type'}")
        try:
            content = base64.b64decode(data, validate=True)
        except (InvalidBase64, ValueError):
            return f"[{about}, and its data is not base64]"
        if self._folder is None:
            return f"[{about}, {len(content)} bytes: SAVE=folder writes it to a file]"
        return f"[{about}, {len(content)} bytes: written to {self._write(self._folder, mime_type, content)}]"

    def _write(self, folder: Path, mime_type: str | None, content: bytes) -> Path:
        ending = mimetypes.guess_extension(mime_type or "") or ".bin"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            while True:
                self._saved += 1
                file = folder / f"{self._name}-{self._saved}{ending}"
                if not file.exists():
                    break
            with file.open("xb") as target:
                target.write(content)
        except OSError as error:
            raise TerminalError(f"SAVE={folder}: {error.strerror}") from None
        return file


def show_result(result: CallToolResult, screen: Screen, files: Files) -> int:
    """Write a result; the exit status is 1 if the tool reports an error, whose text goes to standard error."""
    if result.is_error:
        text = "\n".join(render_block(each, files) for each in result.content)
        screen.note("The tool reports an error:\n" + (text or "(without a text)"))
        return 1
    structured = result.structured_content
    if structured is None or _is_plain_text(structured, result.content):
        lines = [render_block(each, files) for each in result.content]
    else:
        # A server repeats the structured result as text for older clients. Once is enough for a person.
        lines = [render_block(each, files) for each in result.content if not _is_repetition(each, structured)]
        lines.append(_pretty(structured))
    screen.show("\n".join(lines) if lines else screen.dim("(an empty result)"))
    return 0


def show_contents(
    contents: Sequence[TextResourceContents | BlobResourceContents], screen: Screen, files: Files
) -> None:
    """Write what a resource contains."""
    for each in contents:
        screen.show(_render_contents(each, files))


def render_block(block: ContentBlock, files: Files) -> str:
    """One block of a result or a prompt as text."""
    match block:
        case TextContent():
            return make_safe(block.text)
        case ImageContent():
            return files.describe("image", block.mime_type, block.data)
        case AudioContent():
            return files.describe("audio", block.mime_type, block.data)
        case ResourceLink():
            return f"[resource {printable(block.uri)}: make read RESOURCE={shlex.quote(printable(block.uri))}]"
        case EmbeddedResource():
            return _render_contents(block.resource, files)


def _is_plain_text(structured: Any, content: Sequence[ContentBlock]) -> bool:
    """Whether the tool returned one text, which reads better as it is than as JSON."""
    texts = [each.text for each in content if isinstance(each, TextContent)]
    return isinstance(structured, dict) and [structured] == [{"result": text} for text in texts]


def _is_repetition(block: ContentBlock, structured: Any) -> bool:
    """Whether the block is the structured result, or the value in it that a plain return value is wrapped in."""
    if not isinstance(block, TextContent):
        return False
    value = _read_json(block.text)
    wrapped = isinstance(structured, dict) and list(structured) == ["result"]
    return value == structured or (wrapped and value == structured["result"])


def _render_contents(each: TextResourceContents | BlobResourceContents, files: Files) -> str:
    if isinstance(each, TextResourceContents):
        return make_safe(each.text)
    return files.describe(f"resource {each.uri}", each.mime_type, each.blob)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _pretty(value: Any) -> str:
    return make_safe(json.dumps(value, indent=2, ensure_ascii=False))
