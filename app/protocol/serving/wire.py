"""A result as it is sent in one version of the protocol."""

import logging
from collections.abc import Mapping
from typing import Any, TypeAlias

from mcp.shared.exceptions import MCPError
from mcp_types import (
    CORE_RESULT_TYPES,
    INTERNAL_ERROR,
    SERVER_INFO_META_KEY,
    CallToolResult,
    InputRequiredResult,
    TextContent,
)
from mcp_types.methods import serialize_server_result
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError

logger = logging.getLogger(__name__)


class OwnResult(CallToolResult):
    """Made by this server of an author's data: what is structured in it is an object of JSON and nothing else."""


Sendable: TypeAlias = CallToolResult | InputRequiredResult | Mapping[str, Any]


def wire_result(method: str, version: str, result: Sendable, stamp: Mapping[str, Any]) -> dict[str, Any]:
    """Only what this version knows; `stamp` is what 2026-07-28 has results say of the server.

    Raises:
        MCPError: it is no result of the method.
    """
    if type(result) is OwnResult and (plain := _plain(result)) is not None:
        sent = plain if version in HANDSHAKE_PROTOCOL_VERSIONS else {**plain, "resultType": "complete"}
    else:
        said = _dumped(result)
        sent = _sieved(method, version, said) if _is_core(version, said) else dict(said)
    return _stamped(sent, version, stamp)


def _plain(result: OwnResult) -> dict[str, Any] | None:
    """Texts and data alone, which all versions say in the same words: there is nothing to leave out."""
    if result.meta is not None:
        return None
    content = []
    for block in result.content:
        if type(block) is not TextContent or block.annotations is not None or block.meta is not None:
            return None
        content.append({"text": block.text, "type": "text"})
    structured = result.structured_content
    if structured is None:
        return {"content": content, "isError": result.is_error}
    return {"content": content, "isError": result.is_error, "structuredContent": structured}


def _is_core(version: str, said: Mapping[str, Any]) -> bool:
    """What an extension says by a `resultType` of its own, in the newer era, is the extension's to check."""
    kind = said.get("resultType")
    return version in HANDSHAKE_PROTOCOL_VERSIONS or not isinstance(kind, str) or kind in CORE_RESULT_TYPES


def _sieved(method: str, version: str, said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return serialize_server_result(method, version, said)
    except ValidationError as error:
        # As the SDK does: the author finds the places in the log, the caller nothing of the result.
        problems = [f"{problem['loc']}: {problem['type']}" for problem in error.errors(include_input=False)]
        logger.warning("a handler's result is none of its method", extra={"method": method, "problems": problems})
        raise MCPError(INTERNAL_ERROR, "Handler returned an invalid result") from None


def _dumped(result: Sendable) -> Mapping[str, Any]:
    if isinstance(result, Mapping):
        return result
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


def _stamped(sent: dict[str, Any], version: str, stamp: Mapping[str, Any]) -> dict[str, Any]:
    if version in HANDSHAKE_PROTOCOL_VERSIONS:
        return sent
    meta = sent.get("_meta") or {}
    if meta.get(SERVER_INFO_META_KEY) is not None:  # the author's own goes before
        return sent
    return {**sent, "_meta": {**meta, SERVER_INFO_META_KEY: stamp}}
