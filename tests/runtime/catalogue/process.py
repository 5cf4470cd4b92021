"""Which process serves, and whose code it runs."""

import os

import app
from app.authoring import tool


@tool()
async def process() -> str:
    """Name the process and where its app/ is."""
    return f"{os.getpid()} {os.path.dirname(app.__file__)}"
