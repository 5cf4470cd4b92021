"""A tool that takes 45 seconds: a step, pauses in which nothing runs, messages, a question in the middle."""

import asyncio
from typing import Literal

from mcp.shared.exceptions import NoBackChannelError
from pydantic import BaseModel

from app.authoring import CurrentWork, ToolError, tool

READ_SECONDS, COUNT_SECONDS, WRITE_SECONDS = 1, 21, 23
"""The question comes after 22 seconds, when a client that knows no tasks has its handle already."""
ORDERS = 12


class Consent(BaseModel):
    go_on: bool


class Report(BaseModel):
    orders: int
    asked: bool


@tool(background=True, idempotent=True)
async def build_report(
    work: CurrentWork, end: Literal["result", "tool error", "protocol error"] = "result", *, ask: bool = False
) -> Report:
    """Build a report of all orders. It takes 45 seconds."""
    await work.say("Reading orders")
    orders = await work.step("orders", read_orders)
    await work.say(f"Counting {orders} orders")
    await work.sleep(seconds=COUNT_SECONDS)
    if end == "tool error":
        raise ToolError("The orders of March are missing.")
    if end == "protocol error":
        raise NoBackChannelError("sampling/createMessage")
    if ask and not (await work.ask(f"Write the report of {orders} orders?", Consent)).go_on:
        raise ToolError("The report was not written, because you said no.")
    await work.say("Writing")
    await work.sleep(seconds=WRITE_SECONDS)
    return Report(orders=orders, asked=ask)


async def read_orders() -> int:
    """Work all the time."""
    await asyncio.sleep(READ_SECONDS)
    return ORDERS
