"""Take out of the artefact what nothing reads at run time."""

import shutil
from pathlib import Path

# importlib.metadata reads these two: without METADATA `import mcp` fails, without entry points OpenTelemetry.
_KEPT_OF_DIST_INFO = {"METADATA", "entry_points.txt"}
_NOT_READ = ("*.pyi", "py.typed", "*.pxd", "*.h")
_SERVERS = ("uvicorn", "click")
"""Lambda is the server. sse-starlette imports one at the start if there is one, and says so if there is none."""


def slim(folder: Path) -> None:
    """Installers' notes, type stubs, commands, HTTP servers; what importlib.metadata reads stays."""
    for information in folder.glob("*.dist-info"):
        for entry in information.iterdir():
            if entry.name not in _KEPT_OF_DIST_INFO:
                _remove(entry)
    for pattern in _NOT_READ:
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
