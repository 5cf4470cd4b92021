"""Watch for changed code, and for changes of single files."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from watchfiles import Change, PythonFilter, awatch

Reaction: TypeAlias = Callable[[], Awaitable[None]]


async def reload_on_change(
    folders: Sequence[Path], reload: Callable[[], Awaitable[None]], say: Callable[[str], None]
) -> None:
    """Call `reload` after each change to a Python file or a page under the folders, until cancelled."""
    try:
        async for _ in awatch(*folders, watch_filter=PythonFilter(extra_extensions=(".html",))):
            await reload()
    except (OSError, RuntimeError) as error:
        # Usually the machine has no more file watches.
        names = " and ".join(f"{folder.name}/" for folder in folders)
        say(f"changes under {names} are not noticed any more, restart to load them: {error}")


async def follow_files(reactions: Mapping[Path, Reaction], say: Callable[[str], None]) -> None:
    """Call a file's function after each change of that file, until cancelled. The files need not exist."""

    def is_one(change: Change, path: str) -> bool:
        return Path(path) in reactions

    folders = {file.parent for file in reactions if file.parent.is_dir()}
    if not folders:
        return
    try:
        # Watch the folders, because a file that is replaced or missing cannot be watched itself.
        async for changes in awatch(*folders, watch_filter=is_one, recursive=False):
            for file in sorted({Path(path) for _, path in changes}):
                await reactions[file]()
    except (OSError, RuntimeError) as error:
        names = ", ".join(sorted(file.name for file in reactions))
        say(f"changes of {names} are not noticed any more, restart to load them: {error}")
