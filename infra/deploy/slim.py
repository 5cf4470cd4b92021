"""Remove from the artefact the files that nothing reads at run time."""

import shutil
from pathlib import Path

# importlib.metadata reads these two: `import mcp` needs METADATA, OpenTelemetry needs the entry points.
_DIST_INFO_FILES = {"METADATA", "entry_points.txt"}
_BUILD_TIME_FILES = ("*.pyi", "py.typed", "*.pxd", "*.h")
_SERVERS = ("uvicorn", "click")
"""Lambda is the server, so these are never used; but sse-starlette would import uvicorn at start if it were there.
"""


def slim(folder: Path) -> None:
    """Remove installers' notes, type stubs, commands and HTTP servers; keep what importlib.metadata reads."""
    for information in folder.glob("*.dist-info"):
        for entry in information.iterdir():
            if entry.name not in _DIST_INFO_FILES:
                _remove(entry)
    for pattern in _BUILD_TIME_FILES:
        for file in folder.rglob(pattern):
            file.unlink()
    for server in _SERVERS:
        for entry in [folder / server, *folder.glob(f"{server}-*.dist-info")]:
            _remove(entry)
    _remove(folder / "bin")
    _remove(folder / ".lock")


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
