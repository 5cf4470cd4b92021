"""Which packages with a program for a platform npm has installed beside a client's main package."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.blocks import ROOT
from tests.clients.documented import FOLDERS

MODULES = [ROOT / folder / "node_modules" for folder in FOLDERS]


def find_platform_packages(package: str, modules: Sequence[Path] = MODULES) -> list[str]:
    """The optional dependencies of a package that are installed. npm leaves out those for other platforms.

    Raises:
        AssertionError: if the package itself is not installed.
    """
    folder = next((each for each in modules if (each / package).exists()), None)
    assert folder is not None, f"{package} is not installed"
    manifest = json.loads((folder / package / "package.json").read_text())
    return [name for name in manifest["optionalDependencies"] if (folder / name).exists()]
