"""The URI of a resource: checked at the start, matched on every read."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mcp.shared.path_security import contains_path_traversal, is_absolute_path
from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate

from app.protocol.catalogue.definition import CatalogueError
from app.protocol.serving.function import Served

# RFC 3986 section 3.1, then anything printable: what is inside braces is the template parser's to judge.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")


class Address:
    """One resource's URI; a template if it has variables, and then they are the function's parameters."""

    def __init__(self, served: Served) -> None:
        """Raises: CatalogueError, for a URI that no client could read."""
        self.served = served
        self.uri: str = served.definition.metadata.uri
        self._template = self._parsed()
        self.is_template = bool(self._template.variables)
        self.literal = re.sub(r"\{.*?\}", "", self.uri)
        self.form = re.sub(r"[A-Za-z0-9_.]+(?=[^{}]*\})", "", self.uri)
        """The URI without its variables' names."""
        self._check_parameters()

    def match(self, uri: str) -> Mapping[str, str | list[str]] | None:
        """The variables' values; None if the URI is of another resource, or tries to leave this one's place."""
        values = self._template.match(uri)
        if values is None or any(_is_unsafe(text) or _has_empty_segment(text) for text in _texts(values)):
            return None
        return values

    def written(self, values: Mapping[str, str | list[str]]) -> str:
        """The one way to write this URI with these values."""
        return self._template.expand(values)

    def refused(self, text: str) -> CatalogueError:
        return CatalogueError(f"{self.served.definition.file}: resource {self.served.definition.name} {text}")

    def _parsed(self) -> UriTemplate:
        if not _URI.fullmatch(self.uri):
            raise self.refused(f'has {self.uri!r} for a URI; write "server://about" or "report://{{report_id}}"')
        try:
            return UriTemplate.parse(self.uri)
        except InvalidUriTemplate as error:
            raise self.refused(f"has a URI template that cannot be served: {error}") from error

    def _check_parameters(self) -> None:
        variables, schema = set(self._template.variable_names), self.served.tool.parameters
        parameters = set(schema.get("properties", {}))
        if only := sorted(variables - parameters):
            raise self.refused(f"has {{{only[0]}}} in its URI; add a parameter of that name, or remove it")
        if only := sorted(parameters - variables):
            name = only[0]
            raise self.refused(
                f"has the parameter {name}; add {{{name}}} to its URI, or {{?{name}}} if it may be absent"
            )
        if only := sorted(self._template.query_variable_names & set(schema.get("required", ()))):
            raise self.refused(f"has {only[0]} in its URI's query; give it a default, a client may leave it out")


def _texts(values: Mapping[str, str | list[str]]) -> Iterator[str]:
    for value in values.values():
        yield from [value] if isinstance(value, str) else value


def _is_unsafe(text: str) -> bool:
    """What no resource of the SDK's own server would be given either."""
    return "\0" in text or contains_path_traversal(text) or is_absolute_path(text)


def _has_empty_segment(path: str) -> bool:
    """Whether it means the same as a shorter one: a//b, a/./b and a/ are other ways to write a/b and a."""
    return "/" in path and not {"", "."}.isdisjoint(path.split("/"))


def check_apart(addresses: Sequence[Address]) -> None:
    """Raises: CatalogueError, for two resources whose URIs differ at most in the names of their variables."""
    found: dict[str, Address] = {}
    for address in addresses:
        other = found.setdefault(address.form, address)
        if other is not address:
            raise address.refused(
                f"has the URI of resource {other.served.definition.name} in {other.served.definition.file}; "
                "change one of the two"
            )
