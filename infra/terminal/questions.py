"""Answer a server's questions (elicitation) at the terminal."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitRequestURLParams, ElicitResult
from referencing import Registry
from referencing.exceptions import Unresolvable

from infra.operator.report import printable
from infra.terminal.schema_words import describe_default, describe_limits, describe_type
from infra.terminal.screen import ReadLine, Screen

_TRUE, _FALSE = ("y", "yes", "true", "1"), ("n", "no", "false", "0")
_SEND = "Send this answer? [Y]es, [n]o, or Ctrl-D to cancel: "
_OPEN = "Open this address? [y]es, [N]o, or Ctrl-D to cancel: "
_NO_REFERENCES: Registry[Any] = Registry()
"""Without it jsonschema would fetch the address of a `$ref`, which is the server's to choose."""


class InvalidAnswer(Exception):
    """The text cannot be the value of the field; the message says what can."""


class InvalidForm(Exception):
    """The server's form is not one of MCP's (client/elicitation, Requested Schema), so nobody can fill it in."""


class Questions:
    """The SDK's elicitation callback."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self._screen.note("\n" + "\n".join(self._screen.wrap(f"The server asks: {params.message}", 0)))
        if (read_line := self._screen.read_line) is None:
            self._screen.note("There is no terminal to answer at, so the answer is no (decline).")
            return ElicitResult(action="decline")
        try:
            if isinstance(params, ElicitRequestURLParams):
                return await self._visit(params, read_line)
            return await self._fill_in(params, read_line)
        except InvalidForm:
            self._screen.note("The server's form breaks the protocol, so the answer is no (decline).")
            return ElicitResult(action="decline")
        except EOFError:
            self._screen.note("\nCancelled.")
            return ElicitResult(action="cancel")

    async def _visit(self, params: ElicitRequestURLParams, read_line: ReadLine) -> ElicitResult:
        # The specification wants the whole address shown and the user's consent before it is opened.
        self._screen.note(f"\n  {printable(params.url, 2000)}\n")
        if (await read_line(_OPEN)).strip().lower() not in _TRUE:
            return ElicitResult(action="decline")
        if self._screen.open_browser and params.url.startswith(("https://", "http://")):
            self._screen.open_browser(params.url)
        return ElicitResult(action="accept")

    async def _fill_in(self, params: ElicitRequestFormParams, read_line: ReadLine) -> ElicitResult:
        schema = params.requested_schema
        required = schema.get("required", [])
        content: dict[str, Any] = {}
        for name, each in read_fields(schema).items():
            value = await self._ask_for_field(name, each, name in required, read_line)
            if value is not None:
                content[name] = value
        if (await read_line(_SEND)).strip().lower() in _FALSE:
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content=content)

    async def _ask_for_field(
        self, name: str, schema: Mapping[str, Any], is_required: bool, read_line: ReadLine
    ) -> Any:
        about = printable(str(schema.get("description") or schema.get("title") or ""), 300)
        if about and about != name:
            self._screen.note("\n".join(self._screen.wrap(about, 2)))
        question = f"  {printable(name)} ({describe_field(schema, is_required)}): "
        while True:
            typed = (await read_line(question)).strip()
            if not typed and ("default" in schema or not is_required):
                return schema.get("default")
            with contextlib.suppress(_Again):
                return self._read(typed, schema)

    def _read(self, typed: str, schema: Mapping[str, Any]) -> Any:
        try:
            return read_field(typed, schema)
        except InvalidAnswer as error:
            self._screen.note(f"  {error}")
            raise _Again from None


class _Again(Exception):
    """Ask for the same field once more."""


def read_fields(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The fields of a form, by name.

    Raises:
        InvalidForm: if it is not a JSON Schema, or a field is not an object.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        raise InvalidForm from error
    fields: Mapping[str, Any] = schema.get("properties", {})
    # JSON Schema also has true and false in the place of an object.
    if not all(isinstance(each, Mapping) for each in fields.values()):
        raise InvalidForm
    return fields


def describe_field(schema: Mapping[str, Any], is_required: bool) -> str:
    choices = list_choices(schema)
    kind = " or ".join(choices) if choices else describe_type(schema, schema)
    if schema.get("type") == "array":
        kind = f"any of {' or '.join(choices)}, separated by commas"
    elif schema.get("type") == "boolean":
        kind = "yes or no"
    limits = describe_limits(schema)
    optional = "" if is_required or "default" in schema else ", may be empty"
    return printable(f"{kind}{', ' if limits else ''}{limits}{describe_default(schema)}{optional}", 400)


def list_choices(schema: Mapping[str, Any]) -> dict[str, str]:
    """The words that the user may type, in lower case, and the value of each: enum, enumNames, oneOf and anyOf."""
    where = schema.get("items", {}) if schema.get("type") == "array" else schema
    if not isinstance(where, Mapping):
        return {}
    titled = [each for each in where.get("oneOf") or where.get("anyOf") or [] if isinstance(each, Mapping)]
    pairs = [(str(each["const"]), str(each.get("title", each["const"]))) for each in titled if "const" in each]
    values = [str(each) for each in where.get("enum", [])]
    pairs += zip(values, where.get("enumNames", values), strict=False)
    return {title: value for value, title in pairs}


def read_field(typed: str, schema: Mapping[str, Any]) -> Any:
    """Read what the user typed as the field's value.

    Raises:
        InvalidAnswer: if the field takes another value.
        InvalidForm: if the field refers to another schema.
    """
    value, checker = _convert(typed, schema), Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(schema, registry=_NO_REFERENCES, format_checker=checker)
    try:
        error = next(validator.iter_errors(value), None)
    except (Unresolvable, RecursionError) as unresolvable:
        raise InvalidForm from unresolvable
    if error:
        raise InvalidAnswer(printable(error.message, 200))
    return value


def _convert(typed: str, schema: Mapping[str, Any]) -> Any:
    choices, kind = list_choices(schema), schema.get("type")
    if kind == "array":
        return [_choose(each.strip(), choices) for each in typed.split(",") if each.strip()]
    if choices:
        return _choose(typed, choices)
    if kind == "boolean":
        if typed.lower() not in _TRUE + _FALSE:
            raise InvalidAnswer("type yes or no")
        return typed.lower() in _TRUE
    if kind in ("integer", "number"):
        try:
            return json.loads(typed)
        except ValueError:
            raise InvalidAnswer(f"{typed!r} is not a number") from None
    return typed


def _choose(typed: str, choices: Mapping[str, str]) -> str:
    for title, value in choices.items():
        if typed.lower() in (title.lower(), value.lower()):
            return value
    raise InvalidAnswer(printable(f"type one of: {', '.join(choices)}", 400))
