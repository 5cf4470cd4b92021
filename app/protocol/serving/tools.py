"""The tools, made ready at the start: their functions for tools/call, and their entries in tools/list."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from mcp.server.lowlevel.server import Server
from mcp_types import Tool as ListedTool
from mcp_types import ToolAnnotations

from app.authoring.tool import ToolMetadata
from app.protocol.catalogue.definition import ToolDefinition
from app.protocol.catalogue.pages import build_tool_meta
from app.protocol.serving.blocks import write_icons
from app.protocol.serving.function import ServedFunction, ToolCalls
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function


class LongWork(Protocol):
    """What serves tools that work in the background (app/protocol/tasks)."""

    def prepare(
        self, definition: ToolDefinition, guard: KindGuard, annotations: ToolAnnotations | None
    ) -> ServedFunction | None:
        """Make a tool ready that begins background work, or has to do with it; None for every other tool."""

    def add_methods(self, server: Server[Any], tools: "Tools", make_list: Callable[[Sequence[Any]], Any]) -> None:
        """Add methods, once all tools are ready. `make_list` makes a tools/list of entries."""


class Tools:
    """All tools, made ready once."""

    def __init__(
        self, definitions: Sequence[ToolDefinition], guard: KindGuard, work: LongWork | None = None
    ) -> None:
        guard = guard.for_definitions(definitions)

        def prepare(definition: ToolDefinition) -> ServedFunction:
            annotations = _build_annotations(definition.metadata)
            function = work.prepare(definition, guard, annotations) if work else None
            return function or prepare_function("tool", definition, guard, annotations=annotations)

        functions = {each.name: prepare(each) for each in definitions}
        self.call = ToolCalls(functions, guard)
        """Answers tools/call."""
        self.entries = [(each.definition, _build_entry(each)) for each in functions.values()]
        """For the list, in its order."""


def _build_annotations(metadata: ToolMetadata) -> ToolAnnotations | None:
    """Only what the author set: `destructiveHint: false` is a promise, which we do not give for them."""
    annotations = ToolAnnotations(
        title=metadata.title,
        read_only_hint=metadata.read_only,
        destructive_hint=metadata.destructive,
        idempotent_hint=metadata.idempotent,
        open_world_hint=metadata.open_world,
    )
    return None if annotations == ToolAnnotations() else annotations


def _build_entry(function: ServedFunction) -> ListedTool:
    tool = function.tool
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.parameters,
        output_schema=tool.output_schema,
        annotations=tool.annotations,
        icons=write_icons(function.definition.metadata.icons),
        _meta=build_tool_meta(function.definition),
    )
