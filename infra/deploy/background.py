"""Find out what the catalogue's background tools need of AWS, for the parameters of template.yaml."""

import importlib
import math
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from app.authoring import Background
from app.protocol.catalogue.catalogue import collect_tools
from app.protocol.catalogue.definition import CatalogueError
from infra.deploy.deployment import InvalidDeployment

_MARGIN_SECONDS = 60
"""The worker ends work at the tool's own time and says so; Lambda's limit, which says nothing, comes after it."""


def read_background_work(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters BackgroundWork, WorkTimeoutSeconds and WorkRetentionDays for the tools that will be served.

    What `parameters` has already stays. Without a background tool there is no worker.

    Raises:
        InvalidDeployment: for a tool that cannot be served.
    """
    packages = [importlib.import_module("app.tools")]
    if parameters.get("ServeExamples") == "true":
        packages.append(importlib.import_module("examples.tools"))
    try:
        declared = find_background(packages)
    except CatalogueError as error:
        raise InvalidDeployment(f"the function would not start: {error}") from None
    return {**describe_background(declared), **parameters}


def find_background(packages: Iterable[ModuleType]) -> list[Background]:
    tools: Iterable[Any] = collect_tools(*packages)
    return [each.metadata.background for each in tools if each.metadata.background]


def describe_background(declared: list[Background]) -> dict[str, str]:
    # Always given: a stack keeps the value of a parameter that sam leaves out.
    if not declared:
        return {"BackgroundWork": "false"}
    seconds = math.ceil(max(each.minutes for each in declared) * 60) + _MARGIN_SECONDS
    days = math.ceil(max(each.keep_hours for each in declared) / 24)
    return {"BackgroundWork": "true", "WorkTimeoutSeconds": str(seconds), "WorkRetentionDays": str(days)}
