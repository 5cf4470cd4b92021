"""Makes a cold start cheaper while the function imports its packages (docs/decisions/0018-lean-imports.md).

Nothing of other packages is replaced: pydantic's `defer_build` is a model setting that subclasses inherit.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel


@contextmanager
def lean_imports() -> Iterator[None]:
    """Put it around the function's own imports. The collector is off meanwhile, and later skips what they load."""
    if not gc.isenabled():  # somebody else has turned it off, and decides when it is on again
        yield
        return
    gc.disable()
    try:
        _import_with_deferred_models()
        yield
        gc.freeze()
    finally:
        gc.enable()


def _import_with_deferred_models() -> None:
    """Import FastAPI and the MCP SDK so that each of their models is built on its first use.

    They declare hundreds of models, of which a call uses a few. The models of this server's own modules, tools
    included, are imported afterwards and built at once: a mistake in them must be found at the start.
    """
    BaseModel.model_config["defer_build"] = True
    try:
        import fastapi  # noqa: F401
        import mcp.server.mcpserver.tools.base  # noqa: F401
    finally:
        del BaseModel.model_config["defer_build"]


def build_deferred_models() -> None:
    """Build all of them. Before a snapshot is the time: then no restored environment has to."""
    models = BaseModel.__subclasses__()
    for model in models:  # the list grows while it is walked: subclasses of subclasses follow
        models += model.__subclasses__()
        if not model.__pydantic_complete__:
            model.model_rebuild(raise_errors=False)
