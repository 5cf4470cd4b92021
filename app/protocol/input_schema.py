"""An input schema of the author's own, in place of the one that the parameters' types make."""

from typing import Any

from mcp.shared.inbound import find_invalid_x_mcp_header

from app.definition import CatalogueError, Definition


def input_schema(definition: Definition[Any], made: dict[str, Any]) -> dict[str, Any]:
    """What the list shows; `made` is the schema of the types.

    Raises:
        CatalogueError: it is of other parameters than the function's, or no client could send them.
    """
    own: dict[str, Any] | None = getattr(definition.metadata, "input_schema", None)
    if own is None:
        return made
    # Schema of Tool: an object at the top, whatever else it says.
    if own.get("type") != "object":
        raise _refused(definition, 'has no "type": "object"; arguments are an object by their names')
    shown, taken = set(own.get("properties", {})), set(made.get("properties", {}))
    if shown != taken:
        raise _refused(definition, f"and its parameters differ in {min(shown ^ taken)}; both name the same ones")
    if (reason := find_invalid_x_mcp_header(own)) is not None:
        raise _refused(definition, f"has an x-mcp-header that clients cannot send: {reason}")
    return own


def _refused(definition: Definition[Any], text: str) -> CatalogueError:
    return CatalogueError(f"{definition.file}: the input_schema of tool {definition.name} {text}")
