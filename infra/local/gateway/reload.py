"""Notice changed code."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from watchfiles import PythonFilter, awatch


async def reload_on_change(
    folder: Path, reload: Callable[[], Awaitable[None]], say: Callable[[str], None]
) -> None:
    """Call `reload` after each change to a Python file or a page under the folder, until cancelled."""
    try:
        async for _ in awatch(folder, watch_filter=PythonFilter(extra_extensions=(".html",))):
            await reload()
    except (OSError, RuntimeError) as error:
        # A machine out of file watches, mostly.
        say(f"changes under {folder.name}/ are not noticed any more, restart to load them: {error}")
