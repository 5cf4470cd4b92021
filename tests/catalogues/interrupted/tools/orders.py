"""Background tools whose steps wait for the test, so that it can end their process in the middle of one."""

import asyncio
import os
import socket

from app.authoring import CurrentWork, tool


@tool(background=True, idempotent=True)
async def count_orders(work: CurrentWork) -> str:
    """Count, which may run twice."""
    await work.say("Counting")
    first = await work.step("first", ask_gate, "first")
    return f"{first} {await work.step('second', ask_gate, 'second')}"


@tool(background=True)
async def pay_orders(work: CurrentWork) -> str:
    """Pay, which must not run twice."""
    return await work.step("pay", ask_gate, "pay")


@tool(background=True)
async def await_orders(work: CurrentWork) -> str:
    """Wait in a step for something that never comes."""
    return await work.step("await", wait_at_gate)


async def wait_at_gate() -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["GATE_PORT"]))
    writer.write(f"await {os.getpid()}\n".encode())
    try:
        return (await reader.readline()).decode()
    except asyncio.CancelledError:
        writer.write(b"cancelled\n")
        raise
    finally:
        writer.close()


def ask_gate(name: str) -> str:
    """The test's line, once it sends one."""
    with socket.create_connection(("127.0.0.1", int(os.environ["GATE_PORT"]))) as connection:
        connection.sendall(f"{name} {os.getpid()}\n".encode())
        return connection.makefile().readline().strip()
