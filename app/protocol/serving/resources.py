"""The resources: their entries in resources/list and resources/templates/list, and resources/read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    InputRequiredResult,
    ReadResourceRequestParams,
    ReadResourceResult,
)
from mcp_types import Resource as ListedResource
from mcp_types import ResourceTemplate as ListedTemplate
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic_core import to_json

from app.authoring.content import Embedded
from app.protocol.catalogue.definition import ResourceDefinition
from app.protocol.catalogue.pages import build_page_meta, is_page
from app.protocol.serving.address import Address, require_distinct
from app.protocol.serving.blocks import Contents, write_annotations, write_contents, write_icons
from app.protocol.serving.function import ServedFunction
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function
from app.protocol.wire.errors import NotOffered

NOT_FOUND_BEFORE_2026 = -32002
"""The error code for a resource that does not exist in 2025-11-25, server/resources. SEP-2164 made it -32602."""
MAX_URI_CHARACTERS = 8000
"""Characters of a URI that is read, as RFC 9110 section 4.1 recommends. No resource has a longer one."""

_TypedContent: TypeAlias = tuple[str, str | bytes]
"""The default media type of what a resource returned, and the content."""
_Match: TypeAlias = tuple[ServedFunction, Mapping[str, Any]]
"""The function that a URI leads to, and the values of the URI's variables."""
_REPEATABLE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&()*+,;=%-]{0,2000}")


class Resources:
    """All resources and templates, made ready once."""

    def __init__(self, definitions: Sequence[ResourceDefinition], guard: KindGuard) -> None:
        self.guard = guard.for_definitions(definitions)
        addresses = [
            Address(prepare_function("resource", each, self.guard, convert=_choose_form)) for each in definitions
        ]
        require_distinct(addresses)
        self.by_uri: Mapping[str, ServedFunction] = {address.uri: address.function for address in addresses}
        """By the URI or the template that the lists show."""
        fixed = [address for address in addresses if not address.is_template]
        templates = [address for address in addresses if address.is_template]
        self._fixed = {address.uri: address.function for address in fixed}
        # Templates with more literal text come first: report://all/{year} before report://{+path}.
        self._templates = sorted(templates, key=lambda address: (-len(address.literal), address.uri))
        self.entries = [(each.function.definition, _build_entry(each.function)) for each in fixed]
        """For resources/list, in its order."""
        self.template_entries = [
            (each.function.definition, _build_template_entry(each.function)) for each in templates
        ]
        """For resources/templates/list, in its order."""

    async def read(
        self, context: ServerRequestContext[Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult | InputRequiredResult:
        """Answer resources/read.

        Raises:
            MCPError: the resource does not exist, not for this caller, or failed.
        """
        try:
            if (match := self._find(params.uri)) is None:
                await self.guard.refuse_unknown()
            function, variables = match
            result: list[Embedded] | _TypedContent | InputRequiredResult
            result = await function(context, params, variables)
        except NotOffered:
            raise build_unknown_resource(params.uri, context.protocol_version) from None
        if isinstance(result, InputRequiredResult):
            return result
        return ReadResourceResult(
            contents=_write_all(function.definition, params.uri, result),
            ttl_ms=function.definition.metadata.max_age * 1000,
            cache_scope="private",
        )

    def _find(self, uri: str, *, is_normal: bool = False) -> _Match | None:
        if len(uri) > MAX_URI_CHARACTERS or not _is_unicode(uri):
            return None
        if uri in self._fixed:
            return self._fixed[uri], {}
        for address in self._templates:
            if (variables := address.match(uri)) is None:
                continue
            normal = address.write(variables)
            if is_normal or normal == uri:
                # The first match decides, even if it is hidden here: a wider template must not answer for it.
                return address.function, variables
            # Without needless percent-encoding (RFC 3986 section 6.2.2) a narrower template may match and decide.
            match = self._find(normal, is_normal=True)
            # A URI that is encoded twice means different things to who decodes it once and who decodes it twice.
            is_ambiguous = match is not None and match[0] is address.function and match[1] != variables
            return None if is_ambiguous else match
        return None


def _is_unicode(uri: str) -> bool:
    """Whether the URI has a UTF-8 form, which a lone surrogate has not (RFC 3986 section 2.5)."""
    try:
        uri.encode()
    except UnicodeEncodeError:
        return False
    return True


def build_unknown_resource(uri: str, version: str) -> MCPError:
    """The error for a resource that does not exist, and for one that is hidden from the caller (SEP-2164)."""
    code = NOT_FOUND_BEFORE_2026 if version in HANDSHAKE_PROTOCOL_VERSIONS else INVALID_PARAMS
    # A text that cannot be a URI is the caller's own, so the error does not repeat it.
    data = {"uri": uri} if _REPEATABLE.fullmatch(uri) else None
    text = "There is no such resource. resources/list and resources/templates/list name those that exist."
    return MCPError(code, text, data)


def _choose_form(returned: Any) -> list[Embedded] | _TypedContent | InputRequiredResult:
    if isinstance(returned, InputRequiredResult):
        return returned
    if returned is None:
        raise TypeError("a resource returned None; raise ResourceNotFound where there is nothing")
    if isinstance(returned, bytes):
        return "application/octet-stream", returned
    if isinstance(returned, str):
        return "text/plain", returned
    parts = returned if isinstance(returned, list | tuple) else [returned]
    if parts and all(isinstance(part, Embedded) for part in parts):
        return list(parts)
    return "application/json", to_json(returned, inf_nan_mode="null").decode()


def _write_all(definition: ResourceDefinition, uri: str, result: list[Embedded] | _TypedContent) -> list[Contents]:
    if isinstance(result, list):
        return [_write_part(definition, uri, part) for part in result]
    mime_type, content = result
    return [write_contents(uri, content, definition.metadata.mime_type or mime_type, build_page_meta(definition))]


def _write_part(definition: ResourceDefinition, uri: str, part: Embedded) -> Contents:
    if part.uri != uri:
        return write_contents(part.uri, part.content, part.mime_type, part.meta)
    declared = definition.metadata.mime_type
    # Hosts show a page of one media type alone, and read what frames it beside its content.
    mime_type = declared if is_page(definition) else part.mime_type or declared
    meta = {**(build_page_meta(definition) or {}), **(part.meta or {})}
    return write_contents(uri, part.content, mime_type, meta)


def _build_entry(function: ServedFunction) -> ListedResource:
    return ListedResource(uri=function.definition.metadata.uri, **_build_members(function))


def _build_template_entry(function: ServedFunction) -> ListedTemplate:
    return ListedTemplate(uri_template=function.definition.metadata.uri, **_build_members(function))


def _build_members(function: ServedFunction) -> dict[str, Any]:
    definition, metadata = function.definition, function.definition.metadata
    return {
        "name": definition.name,
        "title": metadata.title,
        "description": definition.description,
        "mime_type": metadata.mime_type,
        "icons": write_icons(metadata.icons),
        "annotations": write_annotations(metadata.annotations) if metadata.annotations else None,
        "_meta": build_page_meta(definition),
    }
