"""The result of a tool as it is sent: data by its declared type, checked against the output schema, and texts.

Pydantic writes the data. Numbers that JSON cannot hold are refused before.
"""

import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, SchemaValidator, to_json, to_jsonable_python

from app.authoring.errors import ContentError
from app.protocol.wire.errors import describe_expectation

logger = logging.getLogger(__name__)

MAX_LISTED_PROBLEMS = 10
MAX_INDENTED_CHARACTERS = 16_384
"""Longer JSON is sent without indentation; counted without it."""
MAX_INDENTATION_FACTOR = 8
"""JSON that indentation would make longer than this many times is sent without it."""

_PLAIN = (str, int, bytes)


class OutputMismatch(Exception):
    """What the tool returned breaks its schema. The message is for the caller, and shows what was returned."""


@dataclass(frozen=True)
class Output:
    """The type of one tool's data: its schema, and how values of it are written."""

    tool: str
    hint: Any
    """The type of the data in the return type."""
    adapter: TypeAdapter[Any]
    schema: dict[str, Any]
    wrapper: type[BaseModel] | None = None
    """A model that has the data under "result", for a type that is not written as a JSON object."""
    check: SchemaValidator | None = None
    """Checks what is written against the schema; None for types whose values pydantic validates each time."""

    @property
    def is_wrapped(self) -> bool:
        return self.wrapper is not None

    def write(self, returned: Any) -> dict[str, Any]:
        """`structuredContent` for what the tool returned.

        Raises:
            OutputMismatch: it breaks the schema, but can be written, so that the caller sees it.
            Exception: it is not of the return type at all.
            ContentError: it holds a number that JSON cannot hold.
        """
        require_finite(
            returned
        )  # first, because for fields of type Any serialisation turns such a number into null
        value = {"result": returned} if self.is_wrapped else returned
        try:
            fitting = self.adapter.validate_python(value, by_alias=True, by_name=True)
        except Exception as error:  # noqa: BLE001 - a validator of the author's may raise anything
            # For example Json[...] in a dict: it reads a text and writes a list.
            as_it_is = self.wrapper.model_construct(result=returned) if self.wrapper else returned
            written = self._first_that_fits(as_it_is, error, warnings="error")
        else:
            written = self._write_valid(fitting)
        require_finite(written)
        return written

    def _write_valid(self, fitting: Any) -> dict[str, Any]:
        if self._is_of_subclass(fitting):
            with suppress(Exception):  # then only the fields of the return type are sent
                whole: dict[str, Any] = fitting.model_dump(
                    mode="json", by_alias=True, fallback=str, warnings="none"
                )
                if self._fits(whole):
                    return whole
        try:
            return self._require_fit(self._as_json(fitting, warnings="error"))
        except Exception as error:  # noqa: BLE001 - a serializer of the author's may raise anything
            return self._first_that_fits(fitting, error, warnings="none")

    def _require_fit(self, written: dict[str, Any]) -> dict[str, Any]:
        """What was written, if it fits the schema: serializers check no constraint, and get values not validated.

        Raises:
            ValidationError: it breaks the schema.
        """
        if self.check is not None:
            self.check.validate_python(written)
        return written

    def _is_of_subclass(self, fitting: Any) -> bool:
        """A subclass of the return type keeps its own fields where the schema allows them."""
        return isinstance(fitting, BaseModel) and not self.is_wrapped and type(fitting) is not self.hint

    def _first_that_fits(self, value: Any, error: Exception, *, warnings: str) -> dict[str, Any]:
        """For a value that pydantic finds fault with: send it if jsonschema finds that it fits the schema.

        Raises:
            OutputMismatch: it does not fit.
            Exception: `error`, because it cannot be written at all.
        """
        written = list(self._write_in_ways(value, warnings))
        for each in written:
            if self._fits(each):
                logger.warning(
                    "result checked by its schema", extra={"tool": self.tool, "detail": type(error).__name__}
                )
                return each
        if not written:
            raise error
        logger.error("result does not fit its return type", extra={"tool": self.tool}, exc_info=error)
        raise OutputMismatch(
            "The tool has run, so do not simply call it again. What it returned does not fit its own return type"
            f"{_list_problems(error)}. It returned:\n{write_json_text(written[0])}"
        )

    def _write_in_ways(self, value: Any, warnings: str) -> Iterator[dict[str, Any]]:
        ways: tuple[Callable[[Any, str], dict[str, Any]], ...] = (self._as_json, self._as_json_with_base64)
        for way in ways:
            with suppress(Exception):  # a serializer of the author's may raise anything
                yield way(value, warnings)

    def _as_json(self, value: Any, warnings: Any) -> dict[str, Any]:
        written: dict[str, Any] = self.adapter.dump_python(
            value, mode="json", by_alias=True, warnings=warnings, fallback=str
        )
        return written

    def _as_json_with_base64(self, value: Any, warnings: Any) -> dict[str, Any]:
        """For bytes that are not UTF-8: pydantic writes bytes as if they were (ser_json_bytes)."""
        plain = self.adapter.dump_python(value, mode="python", by_alias=True, warnings=warnings)
        written: dict[str, Any] = to_jsonable_python(plain, bytes_mode="base64", fallback=str)
        return written

    def _fits(self, written: Any) -> bool:
        try:
            return bool(self._validator.is_valid(written))
        except Exception:  # noqa: BLE001 - such as a pattern that Python does not read
            return False

    @cached_property
    def _validator(self) -> Any:
        # Imported here, because most processes never need it.
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _list_problems(error: Exception) -> str:
    """Where it does not fit, by the names in the schema."""
    if not isinstance(error, ValidationError):
        return ""
    problems = error.errors(include_url=False, include_input=False)[:MAX_LISTED_PROBLEMS]
    return ": " + "; ".join(f"{'.'.join(map(str, each['loc']))} {describe_expectation(each)}" for each in problems)


def require_finite(value: Any) -> None:
    """Look for numbers that JSON cannot hold, at any depth. Pydantic would write them as null.

    Raises:
        ContentError: the value is or contains infinity or NaN (RFC 8259 section 6 has neither).
    """
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ContentError(
                "its result holds a number that is infinite or not a number (NaN), which JSON cannot say"
            )
        return
    for part in _direct_parts(value):
        # The same test as above, without a call: a result may hold thousands of texts.
        if not isinstance(part, _PLAIN):
            require_finite(part)


def _direct_parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, BaseModel):
        return {**value.__dict__, **(value.model_extra or {})}.values()
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()


def write_text(value: Any) -> str:
    """The text of a result that no schema describes: a text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return write_json_text(to_jsonable_python(value, by_alias=True, fallback=str))
    except UnicodeDecodeError:  # bytes that are not UTF-8
        return write_json_text(to_jsonable_python(value, by_alias=True, bytes_mode="base64", fallback=str))


def write_json_text(written: Any) -> str:
    """JSON with indentation, which models read more easily, unless that makes it much longer.

    Each line of a deeply nested value begins with its indentation: 300 kB would become 60 MB.
    """
    try:
        compact = to_json(written).decode()
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = to_json(written, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate, which ASCII escapes can write
        compact = json.dumps(written, separators=(",", ":"))
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = json.dumps(written, indent=2)
    return indented if len(indented) <= MAX_INDENTATION_FACTOR * len(compact) else compact
