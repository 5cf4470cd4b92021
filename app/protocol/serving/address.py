"""The URI of a resource: checked at the start, and compared with the URI of every read."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mcp.shared.path_security import contains_path_traversal, is_absolute_path
from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

from app.protocol.catalogue.definition import CatalogueError
from app.protocol.serving.function import ServedFunction

# A scheme (RFC 3986 section 3.1), then printable characters. The template's parser checks what is inside braces.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


class Address:
    """The URI of one resource. With variables it is a template, and they are the parameters of the function."""

    def __init__(self, function: ServedFunction) -> None:
        """Raises: CatalogueError, for a URI that no client could use."""
        self.function = function
        self.uri: str = function.definition.metadata.uri
        self._template = self._parse()
        self.is_template = bool(self._template.variables)
        self.literal = re.sub(r"\{.*?\}", "", self.uri)
        self.form = re.sub(r"[A-Za-z0-9_.]+(?=[^{}]*\})", "", self.uri)
        """The URI without its variables' names."""
        self._check_parameters()

    def match(self, uri: str) -> Mapping[str, str | list[str]] | None:
        """The values of the variables; None if the URI is not of this resource, or leads out of its folder."""
        values = self._template.match(uri)
        if values is None or any(_is_unsafe(text) or _has_empty_segment(text) for text in _flatten(values)):
            return None
        return values

    def write(self, values: Mapping[str, str | list[str]]) -> str:
        """The URI with these values, without needless percent-encoding."""
        return self._template.expand(values)

    def build_error(self, text: str) -> CatalogueError:
        return CatalogueError(f"{self.function.definition.file}: resource {self.function.definition.name} {text}")

    def _parse(self) -> UriTemplate:
        if not _URI.fullmatch(self.uri):
            raise self.build_error(
                f'has {self.uri!r} for a URI; write "server://about" or "report://{{report_id}}"'
            )
        try:
            return UriTemplate.parse(self.uri)
        except InvalidUriTemplate as error:
            raise self.build_error(f"has a URI template that cannot be served: {error}") from error

    def _check_parameters(self) -> None:
        variables, schema = set(self._template.variable_names), self.function.tool.parameters
        parameters = set(schema.get("properties", {}))
        if only := sorted(variables - parameters):
            raise self.build_error(f"has {{{only[0]}}} in its URI; add a parameter of that name, or remove it")
        if only := sorted(parameters - variables):
            name = only[0]
            raise self.build_error(
                f"has the parameter {name}; add {{{name}}} to its URI, or {{?{name}}} if it may be absent"
            )
        if only := sorted(self._template.query_variable_names & set(schema.get("required", ()))):
            raise self.build_error(
                f"has {only[0]} in its URI's query; give it a default, a client may leave it out"
            )


def _flatten(values: Mapping[str, str | list[str]]) -> Iterator[str]:
    for value in values.values():
        yield from [value] if isinstance(value, str) else value


def _is_unsafe(text: str) -> bool:
    """Whether it could lead out of a folder, as the SDK's own server decides it."""
    return "\0" in text or contains_path_traversal(text) or is_absolute_path(text)


def _has_empty_segment(path: str) -> bool:
    """Whether a shorter path means the same: a//b, a/./b and a/ mean a/b and a."""
    return "/" in path and not {"", "."}.isdisjoint(path.split("/"))


def require_distinct(addresses: Sequence[Address]) -> None:
    """Raises: CatalogueError, if two URIs are equal except for the names of their variables."""
    found: dict[str, Address] = {}
    for address in addresses:
        other = found.setdefault(address.form, address)
        if other is not address:
            raise address.build_error(
                f"has the URI of resource {other.function.definition.name} in {other.function.definition.file}; "
                "change one of the two"
            )
