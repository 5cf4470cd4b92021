"""Further tools beside echo. Packages with more than one tool get a generated file in this one's place."""

from collections.abc import Callable
from typing import Any

TOOLS: list[Callable[..., Any]] = []
