"""Folders of tools, prompts or resources that a test writes, as importable packages."""

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType

Write = Callable[..., ModuleType]
"""Files by name without `.py`; `folder__in__file` is a file in a folder. Each call makes another package."""


def writer(folder: Path) -> Iterator[Write]:
    """Its modules are forgotten afterwards."""
    sys.path.insert(0, str(folder))
    name, made = f"catalogue_{abs(hash(str(folder)))}", count()

    def write(**files: str) -> ModuleType:
        package = f"{name}_{next(made)}"
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
        (folder / package / "notes.txt").touch()
        for file, text in files.items():
            path = folder / package / f"{file.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return import_module(package)

    yield write
    sys.path.remove(str(folder))
    for module in [module for module in sys.modules if module.startswith(name)]:
        del sys.modules[module]
