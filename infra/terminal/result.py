"""Write the result of a call: its texts, its structured result, and what else is in it."""

import base64
import json
import mimetypes
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
    lines = [line for each in result.content if (line := _render_block(each, result, files)) is not None]
    if result.is_error:
        screen.note("The tool reports an error:\n" + ("\n".join(lines) or "(without a text)"))
        return 1
    if result.structured_content is not None:
        lines.append(_pretty(result.structured_content))
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
            return f"[resource {printable(block.uri)}: make read RESOURCE={printable(block.uri)}]"
        case EmbeddedResource():
            return _render_contents(block.resource, files)


def _render_block(block: ContentBlock, result: CallToolResult, files: Files) -> str | None:
    structured = None if result.is_error else result.structured_content
    # A server repeats the structured result as text for older clients. Once is enough for a person.
    if isinstance(block, TextContent) and structured is not None and _is_repetition(block.text, structured):
        return None
    return render_block(block, files)


def _is_repetition(text: str, structured: Any) -> bool:
    """Whether the text is the structured result, or the value in it that a plain return value is wrapped in."""
    value = _read_json(text)
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
