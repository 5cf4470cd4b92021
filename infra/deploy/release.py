"""Compute the digest of a deployment. A new digest makes a new version of the function."""

import hashlib
from collections.abc import Mapping
from pathlib import Path


def compute_release(folder: Path, parameters: Mapping[str, str]) -> str:
    """Compute the digest of the built template, the artefact and the parameters.

    SAM by itself compares only the code: a changed setting would reach the function, but not the alias.
    """
    digest = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        digest.update(f"{file.relative_to(folder)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    for name, value in sorted(parameters.items()):
        digest.update(f"{name}={value}\0".encode())
    return digest.hexdigest()
