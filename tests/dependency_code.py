"""What the tools of the tests of dependencies begin with."""

HEAD = """
import asyncio, functools, threading
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Annotated, Any, Generic, TypeVar
from fastapi import Depends
from app.authoring import Complete, CurrentSession, Session, check, get_session, prompt, resource, tool

T = TypeVar("T")

def where() -> str:
    return "thread" if threading.current_thread().name == "call thread" else "loop"

def who(session: CurrentSession) -> str:
    return session.user_id
"""
