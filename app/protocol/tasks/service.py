"""Puts background tools on the server, with the methods and the tools that belong to them."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp_types import PaginatedRequestParams, ToolAnnotations

from app.auth.session import get_session
from app.authoring.account import ConnectedAccount
from app.authoring.ask import copy_through_json, get_ask
from app.authoring.errors import ContentError
from app.authoring.step import MAX_KEPT_BYTES
from app.authoring.work import Background, get_work
from app.protocol.catalogue.definition import CatalogueError, ToolDefinition
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.serving.dependencies import run_with_clean_up
from app.protocol.serving.function import ServedFunction, inject
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function
from app.protocol.serving.results import AsyncFunction
from app.protocol.serving.tools import Tools
from app.protocol.tasks.beginning import (
    Beginnings,
    current_context,
    declares_tasks,
    is_deciding,
)
from app.protocol.tasks.methods import TaskMethods, TaskParams, UpdateParams, build_refusal
from app.protocol.tasks.names import EXTENSION
from app.protocol.tasks.probe import check_worker
from app.protocol.tasks.texts import build_result
from app.protocol.tasks.tools import WorkTools, cancel_work, choose_requests, get_result


class BackgroundWork:
    """Serves the tools whose metadata says `background`, to clients of both eras."""

    def __init__(self, beginnings: Beginnings) -> None:
        self._beginnings = beginnings
        self.functions = beginnings.functions
        self._methods = TaskMethods(beginnings)
        tools = WorkTools(beginnings)
        self._own = {get_result: tools.get_result, cancel_work: tools.cancel_work}

    def prepare(
        self, definition: ToolDefinition, guard: KindGuard, annotations: ToolAnnotations | None
    ) -> ServedFunction | None:
        """See LongWork. The quota counts what begins work, and not who looks for its result."""
        if definition.function in self._own:
            uncounted = KindGuard(guard.guard, None, guard.accesses)
            run = self._own[definition.function]
            return prepare_function("tool", definition, uncounted, annotations=annotations, instead=run)
        if definition.metadata.background is None:
            return None
        begin = partial(self._begin, definition, definition.metadata.background, prepare_before(definition))
        function = prepare_function("tool", definition, guard, annotations=annotations, instead=begin)
        self._beginnings.functions[definition.name] = function
        return function

    async def check(self) -> str:
        """Whether the worker takes work and does it; see check_worker."""
        return await check_worker(self._beginnings.engine, self._beginnings.sleep)

    def add_methods(self, server: Server[Any], tools: Tools, make_list: Callable[[Sequence[Any]], Any]) -> None:
        """See LongWork."""
        server.middleware.append(_bind_context)
        server.extensions[EXTENSION] = {}
        server.add_request_handler("tasks/get", TaskParams, self._methods.get)
        server.add_request_handler("tasks/update", UpdateParams, self._methods.update)
        server.add_request_handler("tasks/cancel", TaskParams, self._methods.cancel)
        with_schemas, without = make_list(tools.entries), make_list(self._remove_schemas(tools.entries))

        async def list_tools(context: ServerRequestContext[Any, Any], params: PaginatedRequestParams) -> Any:
            return await (with_schemas if declares_tasks(context) else without)(context, params)

        server.add_request_handler("tools/list", PaginatedRequestParams, list_tools)

    def _remove_schemas(self, entries: Sequence[Any]) -> list[Any]:
        """The entries for clients that do not know tasks: the first result may only say that the work goes on."""
        return [
            (definition, entry.model_copy(update={"output_schema": None}))
            if definition.name in self._beginnings.functions
            else (definition, entry)
            for definition, entry in entries
        ]

    async def _begin(self, definition: ToolDefinition, background: Background, before: AsyncFunction) -> Any:
        if is_deciding():
            return None
        context = current_context.get()
        knows_tasks = declares_tasks(context)
        if not knows_tasks and background.only_tasks:
            raise build_refusal()
        found = copy_through_json("before", await before())
        if (size := len(json.dumps(found))) > MAX_KEPT_BYTES:
            raise ContentError(
                f"before= returned {size:,} bytes of JSON, and at most {MAX_KEPT_BYTES:,} can be kept"
            )
        handle = await self._beginnings.begin(definition, background, found)
        if knows_tasks:
            return await self._methods.create(handle, definition.name)
        state = await self._beginnings.wait_after_begin(handle, definition.name)
        sealed, can_ask = await self._beginnings.handles.seal(handle), bool(choose_requests(context, state))
        return build_result(state, sealed, self._beginnings.clock(), can_ask=can_ask)


def prepare_before(definition: ToolDefinition) -> AsyncFunction:
    """What runs in the call before the work of this tool begins.

    Raises:
        CatalogueError: it takes an argument, which nothing could fill.
    """
    before = definition.metadata.background.before if definition.metadata.background else None
    plan = InjectionPlan.for_function(before or _find_nothing)
    if plan.arguments:
        raise CatalogueError(
            f"{definition.file}: before= of tool {definition.name} takes {plan.arguments[0]}, which nothing "
            "fills; it may take what Depends fills, such as ask: CurrentAsk"
        )
    if plan.needs(get_work):
        raise CatalogueError(
            f"{definition.file}: before= of tool {definition.name} takes a Work, but runs before the work "
            "begins; return what the tool should find in work.before"
        )
    run, accounts = inject(plan), _list_accounts(definition)

    async def run_before() -> Any:
        for each in accounts:
            await each.find_token(get_session(), get_ask())
        return await (run_with_clean_up(run) if plan.yields else run())

    return run_before


def _list_accounts(definition: ToolDefinition) -> list[ConnectedAccount]:
    """The connected accounts that the tool uses, each once. A user can be asked for them in the call alone."""
    dependencies = InjectionPlan.for_function(definition.function).list_dependencies()
    return list(dict.fromkeys(each for each in dependencies if isinstance(each, ConnectedAccount)))


async def _find_nothing() -> None:
    """Most work has nothing to find out before."""


async def _bind_context(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Keep the request for the tools: what runs instead of their functions gets no arguments."""
    with current_context.bound(ctx):
        return await call_next(ctx)
