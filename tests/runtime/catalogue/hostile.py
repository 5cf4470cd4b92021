"""Tools whose callers write into exceptions, warnings and library calls what they like."""

import asyncio
import logging
import threading
import warnings

import boto3
from pydantic import BaseModel

from app.authoring import CurrentAsk, get_client, tool


class Sure(BaseModel):
    sure: bool


class Mute(ValueError):
    """An exception without a text."""

    def __str__(self) -> str:
        raise ValueError


class Deleted:
    """Fails where nobody can catch it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __del__(self) -> None:
        raise ValueError(self._text)


@tool()
async def finds(email: str) -> int:
    """Look for people with an address: a GET with the address in its query."""
    client = await get_client()
    return len((await client.user_management.list_users(email=email)).data)


@tool()
async def confirms(target: str, ask: CurrentAsk) -> str:
    """Ask before anything is done."""
    return str((await ask(f"Delete {target}?", Sure)).sure)


@tool()
async def echoes(text: str) -> str:
    """Say the same."""
    return text


@tool()
async def reads_parameter(name: str) -> str:
    """Read a parameter by boto3, as a team's own tool may."""
    client = boto3.client("ssm")
    answer = await asyncio.to_thread(client.get_parameters, Names=[name], WithDecryption=True)
    return f"{len(answer['Parameters'])} found"


@tool()
async def forges(text: str) -> str:
    """Fail in every way at once, each with the caller's text."""
    warnings.warn(text, stacklevel=1)
    logging.getLogger("a.library").warning("about %s", text)
    logging.getLogger("app.tools.mine").info(text, extra={"odd": Mute()})
    logging.getLogger("app.tools.mine").info("%d", text)
    Deleted(text)
    thread = threading.Thread(target=_fail, args=[text])
    thread.start()
    thread.join()
    asyncio.get_running_loop().call_exception_handler({"message": text, "exception": Mute()})
    try:
        _fail(text)
    except ValueError as error:
        raise Mute from error
    return text


def _fail(text: str) -> None:
    raise ValueError(f"no report {text}")
