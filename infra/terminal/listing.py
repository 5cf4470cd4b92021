"""Write a server's tools, prompts and resources for a person to read, in 80 columns."""

from collections.abc import Iterator, Mapping

from mcp_types import Prompt, Resource, ResourceTemplate, Tool, ToolAnnotations

from infra.operator.report import printable
from infra.terminal.offers import Offers
from infra.terminal.schema_words import describe_default, describe_limits, describe_type, read_list
from infra.terminal.screen import Screen

_INDENT = 2
_TEXT_INDENT = 4
_PARAMETER_INDENT = 6


def render_offers(offers: Offers, url: str, screen: Screen) -> str:
    title = screen.bold(printable(f"{offers.name} {offers.version}".strip()))
    lines = [title, screen.dim(f"{url}, protocol {offers.protocol}")]
    sections: dict[str, list[list[str]]] = {
        "Tools": [list(_render_tool(each, screen)) for each in offers.tools],
        "Prompts": [list(_render_prompt(each, screen)) for each in offers.prompts],
        "Resources": [list(_render_resource(each, each.uri, screen)) for each in offers.resources],
        "Resource templates": [
            list(_render_resource(each, each.uri_template, screen)) for each in offers.templates
        ],
    }
    for name, entries in sections.items():
        if entries:
            lines += ["", screen.bold(f"{name} ({len(entries)})")]
            lines += [line for entry in entries for line in entry]
    if not offers.tools:
        lines += ["", "No tools: this caller may use none of them."]
    return "\n".join(lines)


def name_hints(hints: ToolAnnotations | None) -> list[str]:
    """What the tool promises. MCP's defaults, which a server that is silent gets, are not shown."""
    if hints is None:
        return []
    found = {
        "read-only": hints.read_only_hint,
        "destructive": hints.destructive_hint and not hints.read_only_hint,
        "idempotent": hints.idempotent_hint and not hints.read_only_hint,
        "open world": hints.open_world_hint,
    }
    return [name for name, holds in found.items() if holds]


def _render_tool(tool: Tool, screen: Screen) -> Iterator[str]:
    hints = name_hints(tool.annotations)
    title = tool.title or (tool.annotations.title if tool.annotations else None)
    yield _head(tool.name, title, hints, screen)
    yield from screen.wrap(_first_paragraph(tool.description), _TEXT_INDENT)
    schema = tool.input_schema
    required, properties = read_list(schema.get("required")), schema.get("properties")
    for name, each in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(each, Mapping):
            limits = describe_limits(each)
            about = f"{each.get('description', '')} {f'({limits})' if limits else ''}".strip()
            optional = "" if name in required or "default" in each else ", optional"
            kind = f"{describe_type(each, schema)}{describe_default(each)}{optional}"
            yield from _render_parameter(name, kind, about, screen)


def _render_prompt(prompt: Prompt, screen: Screen) -> Iterator[str]:
    yield _head(prompt.name, prompt.title, [], screen)
    yield from screen.wrap(_first_paragraph(prompt.description), _TEXT_INDENT)
    for each in prompt.arguments or []:
        kind = "string" if each.required else "string, optional"
        yield from _render_parameter(each.name, kind, each.description or "", screen)


def _render_resource(each: Resource | ResourceTemplate, address: str, screen: Screen) -> Iterator[str]:
    yield _head(address, each.title or each.name, [each.mime_type] if each.mime_type else [], screen)
    yield from screen.wrap(_first_paragraph(each.description), _TEXT_INDENT)


def _head(name: str, title: str | None, hints: list[str], screen: Screen) -> str:
    name, about = printable(name, limit=screen.columns), ", ".join(hints)
    shown_title = f"  {printable(title, 40)}" if title and title != name else ""
    shown_hints = screen.dim(f"  [{printable(about, 50)}]") if about else ""
    return f"{' ' * _INDENT}{screen.bold(name)}{shown_title}{shown_hints}"


def _render_parameter(name: str, kind: str, about: str, screen: Screen) -> list[str]:
    return screen.wrap(f"{name}: {kind}" + (f"  - {about}" if about else ""), _PARAMETER_INDENT, hanging=2)


def _first_paragraph(text: str | None) -> str:
    return (text or "").strip().partition("\n\n")[0]
