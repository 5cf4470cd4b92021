"""WorkOS's published OpenAPI document, as the npm package @workos/openapi-spec brings it."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).parents[2] / "e2e/node/node_modules/@workos/openapi-spec/open-api-spec.yaml"
_FORMATS = FormatChecker(formats=())


@cache
def document() -> dict[str, Any]:
    """The document.

    Raises:
        FileNotFoundError: with the command that installs it.
    """
    if not FILE.exists():
        raise FileNotFoundError(f"{FILE} is missing: run `make e2e`, which installs @workos/openapi-spec with npm")
    import yaml  # only here: the suites that run without npm do without it

    # Dates in its examples become strings again: JSON knows no others.
    loaded = yaml.load(FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    parsed: dict[str, Any] = json.loads(json.dumps(loaded, default=str))
    return parsed


def violations(template: str, method: str, status: int, body: object) -> list[str]:
    """What of the body is not as the document says of this answer; empty if all is."""
    answers = document()["paths"][template][method.lower()]["responses"]
    if str(status) not in answers:
        return [f"{method} {template} does not answer {status}, only {', '.join(answers)}"]
    pointer = "/".join(["paths", _escaped(template), method.lower(), "responses", str(status)])
    schema = {"$ref": f"openapi#/{pointer}/content/application~1json/schema"}
    validator = Draft202012Validator(schema, registry=_registry(), format_checker=_FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


@cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = Resource.from_contents(document(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("openapi", resource)
    return registry


def _escaped(template: str) -> str:
    """The path as one token of a JSON pointer inside a URI fragment."""
    return template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


@_FORMATS.checks("date-time", raises=ValueError)
def _is_written_as_workos_does(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(r".*\.\d{3}Z", value)) and datetime.fromisoformat(value).tzinfo is not None
