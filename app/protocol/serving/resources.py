"""resources/list, resources/templates/list and resources/read."""

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
from app.protocol.serving.address import Address, check_apart
from app.protocol.serving.blocks import Contents, annotations_of, contents_of, icons_on_the_wire
from app.protocol.serving.function import Served, Terms
from app.protocol.serving.prepare import prepare
from app.protocol.wire.errors import Unknown

NOT_FOUND_BEFORE_2026 = -32002
"""2025-11-25, server/resources: a resource that does not exist. SEP-2164 made it -32602."""
_Single: TypeAlias = tuple[str, str | bytes]
"""The usual media type of what a resource returned, and the content."""
_Found: TypeAlias = tuple[Served, Mapping[str, Any]]
"""What a URI is of, and the values of its variables."""
MAX_URI_CHARACTERS = 8000
"""Of a URI that is read (RFC 9110 section 4.1 recommends as much); a longer one is of no resource."""
_REPEATABLE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&()*+,;=%-]{0,2000}")


class Resources:
    """Every resource and template, made ready once."""

    def __init__(self, definitions: Sequence[ResourceDefinition], terms: Terms) -> None:
        self.terms = terms.among(definitions)
        addressed = [Address(prepare("resource", each, self.terms, fit=_fit)) for each in definitions]
        check_apart(addressed)
        self.by_uri: Mapping[str, Served] = {address.uri: address.served for address in addressed}
        """Under the URI, or the template, that the lists show."""
        fixed = [address for address in addressed if not address.is_template]
        templates = [address for address in addressed if address.is_template]
        self._fixed = {address.uri: address.served for address in fixed}
        # The more of a URI is written out, the earlier it is tried: report://all/{year} before report://{+path}.
        self._templates = sorted(templates, key=lambda address: (-len(address.literal), address.uri))
        self.listed = [(each.served.definition, _listed(each.served)) for each in fixed]
        self.listed_templates = [(each.served.definition, _listed_template(each.served)) for each in templates]

    async def read(
        self, context: ServerRequestContext[Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult | InputRequiredResult:
        try:
            if (found := self._find(params.uri)) is None:
                await self.terms.refuse_unknown()
            served, variables = found
            result: list[Embedded] | _Single | InputRequiredResult = await served(context, params, variables)
        except Unknown:
            raise no_resource(params.uri, context.protocol_version) from None
        if isinstance(result, InputRequiredResult):
            return result
        return ReadResourceResult(
            contents=_contents(served.definition, params.uri, result),
            ttl_ms=served.definition.metadata.max_age * 1000,
            cache_scope="private",
        )

    def _find(self, uri: str, *, is_usual: bool = False) -> _Found | None:
        if len(uri) > MAX_URI_CHARACTERS or not _is_unicode(uri):
            return None
        if uri in self._fixed:
            return self._fixed[uri], {}
        for address in self._templates:
            if (variables := address.match(uri)) is None:
                continue
            usual = address.written(variables)
            if is_usual or usual == uri:
                # The first one decides, even if it is hidden here: a wider template must not answer for it.
                return address.served, variables
            # Percent-encoded, it may be the URI of a narrower one (RFC 3986 section 6.2.2), which decides then.
            found = self._find(usual, is_usual=True)
            # Encoded twice: what it means depends on how often it is read.
            is_ambiguous = found is not None and found[0] is address.served and found[1] != variables
            return None if is_ambiguous else found
        return None


def _is_unicode(uri: str) -> bool:
    """Whether it can be written out: a lone surrogate has no UTF-8, so no URI has one (RFC 3986 section 2.5)."""
    try:
        uri.encode()
    except UnicodeEncodeError:
        return False
    return True


def no_resource(uri: str, version: str) -> MCPError:
    """One answer for what does not exist and for what is hidden; `data.uri` as SEP-2164 wants it."""
    code = NOT_FOUND_BEFORE_2026 if version in HANDSHAKE_PROTOCOL_VERSIONS else INVALID_PARAMS
    # What is no URI is the caller's own text: it is not repeated.
    data = {"uri": uri} if _REPEATABLE.fullmatch(uri) else None
    text = "There is no such resource. resources/list and resources/templates/list name those that exist."
    return MCPError(code, text, data)


def _fit(returned: Any) -> list[Embedded] | _Single | InputRequiredResult:
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


def _contents(definition: ResourceDefinition, uri: str, read: list[Embedded] | _Single) -> list[Contents]:
    if isinstance(read, list):
        return [_part(definition, uri, part) for part in read]
    return [contents_of(uri, read[1], definition.metadata.mime_type or read[0], build_page_meta(definition))]


def _part(definition: ResourceDefinition, uri: str, part: Embedded) -> Contents:
    if part.uri != uri:
        return contents_of(part.uri, part.content, part.mime_type, part.meta)
    declared = definition.metadata.mime_type
    # Of a page there is one type that hosts show, and what frames it stands beside its content.
    kind = declared if is_page(definition) else part.mime_type or declared
    return contents_of(uri, part.content, kind, {**(build_page_meta(definition) or {}), **(part.meta or {})})


def _listed(served: Served) -> ListedResource:
    about = served.definition.metadata
    return ListedResource(uri=about.uri, **_described(served))


def _listed_template(served: Served) -> ListedTemplate:
    about = served.definition.metadata
    return ListedTemplate(uri_template=about.uri, **_described(served))


def _described(served: Served) -> dict[str, Any]:
    definition, about = served.definition, served.definition.metadata
    return {
        "name": definition.name,
        "title": about.title,
        "description": definition.description,
        "mime_type": about.mime_type,
        "icons": icons_on_the_wire(about.icons),
        "annotations": annotations_of(about.annotations) if about.annotations else None,
        "_meta": build_page_meta(definition),
    }
