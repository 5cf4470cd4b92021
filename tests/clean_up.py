"""A tool whose dependency yields, and what happened in a call of it."""

from types import ModuleType
from typing import Any

from tests.packages import Write
from tests.rig import Rig

HEAD = """
import asyncio, threading
from contextvars import ContextVar
from typing import Annotated, Any
from fastapi import Depends
from pydantic import BaseModel
from app.authoring import Ask, CurrentAsk, CurrentSession, ToolError, check, tool

events = []
marked = ContextVar("marked", default="outside")

class Sure(BaseModel):
    sure: bool

def note(event: str, error: BaseException | None = None) -> None:
    events.append(event if error is None else f"{event} {type(error).__name__}")
"""
BAD = "The tool failed unexpectedly. The cause is in the server's log."


def open_tool(write: Write, code: str) -> ModuleType:
    return write(one=HEAD + code)


def run(package: ModuleType, version: str, **options: Any) -> tuple[str, list[str]]:
    """The text that the caller reads, and what happened."""
    result = Rig(tools=package, **options).call("one", version=version)
    return result["content"][0]["text"], events_of(package)


def events_of(package: ModuleType) -> list[str]:
    events: list[str] = package.one.events
    return events
