"""What is measured, and the rows that come of it: the words that all benchmarks share."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

import tests.conftest  # noqa: F401 - the environment that importing app.handler reads
from tests.issuer import BASE_URL, CLIENT_ID, RESOURCE
from tests.rig import ERAS, MODERN

LEGACY = ERAS[0]
"""The protocol's two eras: 2025-11-25 stands for all that shake hands, 2026-07-28 is MODERN."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A server laid out as a package for Lambda: one folder with all that it imports."""

    key: str
    title: str
    python: Path
    folder: Path
    """Its PYTHONPATH; run it with `-P`."""
    module: str
    """Offers `handler(event, context)`."""
    eras: tuple[str, ...]
    """The protocol's versions that it answers rightly."""

    @property
    def command(self) -> list[str]:
        return [str(self.python), "-P"]

    def variables(self, issuer: str) -> dict[str, str]:
        """The whole environment of its process: nothing else of this shell, no proxy."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "en_US.UTF-8",  # as Lambda has it
            "TZ": ":UTC",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": self.key,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "PYTHONPATH": str(self.folder),
            # What is not there as byte code is compiled at every start, as in Lambda's read-only code folder.
            "PYTHONDONTWRITEBYTECODE": "1",
            **_settings(self.key, issuer),
        }


def _settings(key: str, issuer: str) -> dict[str, str]:
    if key.startswith("ours"):
        return {
            "WORKOS_AUTHKIT_DOMAIN": issuer,
            "WORKOS_CLIENT_ID": CLIENT_ID,
            "BASE_URL": BASE_URL,
            # The template sets it: a deployed function writes its metrics into each line of its log.
            "POWERTOOLS_METRICS_NAMESPACE": "workos-mcp-lambda/prod",
        }
    return {"ISSUER": issuer, "BASE_URL": BASE_URL, "RESOURCE": RESOURCE}


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a table: a subject's value over the rounds."""

    table: str
    what: str
    subject: str
    """The key of the subject."""
    unit: str
    least: float
    median: float
    most: float

    @classmethod
    def of(cls, table: str, what: str, subject: str, unit: str, values: Iterable[float]) -> Self:
        ordered = sorted(values)
        return cls(table, what, subject, unit, ordered[0], median(ordered), ordered[-1])


def machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


__all__ = ["ERAS", "LEGACY", "MODERN", "Figure", "Subject", "machine"]
