"""The files of a project, to compare what two ways of making one have made."""

import os
from pathlib import Path

TEMPLATE_ONLY = "copier.yml"
"""copier's own file, which copier leaves out of what it copies."""


def read_tree(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Content, and whether it can be run, of each file by its name; without what git has of its own."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {
        name: (path.read_bytes(), os.access(path, os.X_OK))
        for name, path in named.items()
        if not name.startswith(".git/") and "__pycache__" not in name and name != TEMPLATE_ONLY
    }
