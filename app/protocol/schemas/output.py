"""A tool's data as it is written: by its declared type, and so that it fits the schema that the list shows."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, NotRequired, Required, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError
from pydantic_core import PydanticSerializationError, SchemaValidator, to_json, to_jsonable_python
from typing_extensions import TypedDict, is_typeddict

from app.protocol.schemas.finite import require_finite
from app.protocol.schemas.output_schema import written_schema
from app.protocol.schemas.schema_validator import build_validator, may_hold_unchecked_values
from app.protocol.wire.errors import expectation

logger = logging.getLogger(__name__)

MAX_INDENTED_CHARACTERS = 16_384
"""Of JSON without spaces, which is sent as it is where it is longer."""
MAX_INDENTATION_FACTOR = 8
"""By which indentation may make a text longer."""
MAX_TOLD_PROBLEMS = 10


class Misfit(Exception):
    """What the tool returned does not fit its schema; the message is for the caller, and shows what it was."""


@dataclass(frozen=True)
class Output:
    """The data of one tool."""

    tool: str
    hint: Any
    """The type of the data in the return type."""
    adapter: TypeAdapter[Any]
    schema: dict[str, Any]
    wrapper: type[BaseModel] | None = None
    """A model that has the data under "result", for a type that is not written as a JSON object."""
    check: SchemaValidator | None = None
    """Of what is written, by its schema; None where each value has been validated when it is written."""

    @property
    def is_wrapped(self) -> bool:
        return self.wrapper is not None

    def write(self, returned: Any) -> dict[str, Any]:
        """`structuredContent`.

        Raises:
            Misfit: it does not fit the return type, and can be written all the same.
            Exception: it is not of the return type at all.
            ContentError: there is a number in it that JSON cannot say.
        """
        require_finite(returned)  # before: where a type says Any, what is made of it has null there
        given = {"result": returned} if self.is_wrapped else returned
        try:
            fitting = self.adapter.validate_python(given, by_alias=True, by_name=True)
        except Exception as error:  # noqa: BLE001 - a validator of the author's may raise anything
            # Such as Json[...] in a dict: what it reads is not what it writes.
            as_it_is = self.wrapper.model_construct(result=returned) if self.wrapper else returned
            written = self._first_that_fits(as_it_is, error, warnings="error")
        else:
            written = self._write_valid(fitting)
        require_finite(written)
        return written

    def _write_valid(self, fitting: Any) -> dict[str, Any]:
        if self._is_of_subclass(fitting):
            with suppress(Exception):  # then only what the return type says is sent
                whole: dict[str, Any] = fitting.model_dump(
                    mode="json", by_alias=True, fallback=str, warnings="none"
                )
                if self._fits(whole):
                    return whole
        try:
            return self._checked(self._as_json(fitting, warnings="error"))
        except Exception as error:  # noqa: BLE001 - a serializer of the author's may raise anything
            return self._first_that_fits(fitting, error, warnings="none")

    def _checked(self, written: dict[str, Any]) -> dict[str, Any]:
        """Serializers check no constraint, and instances and defaults reach them without being validated.

        Raises:
            ValidationError: it breaks the schema.
        """
        if self.check is not None:
            self.check.validate_python(written)
        return written

    def _is_of_subclass(self, fitting: Any) -> bool:
        """Its own fields go along where the schema lets them: the return type may be a mere base class."""
        return isinstance(fitting, BaseModel) and not self.is_wrapped and type(fitting) is not self.hint

    def _first_that_fits(self, value: Any, error: Exception, *, warnings: str) -> dict[str, Any]:
        """The rare way, for a value that is not quite of its type: what is written is checked.

        Raises:
            Misfit: it does not fit.
            Exception: `error`, as it cannot be written at all.
        """
        written = list(self._ways(value, warnings))
        for each in written:
            if self._fits(each):
                logger.warning("result checked by its schema", extra={"tool": self.tool, "detail": _kind(error)})
                return each
        if not written:
            raise error
        logger.error("result does not fit its return type", extra={"tool": self.tool}, exc_info=error)
        raise Misfit(
            "The tool has run, so do not simply call it again. What it returned does not fit its own return type"
            f"{_problems(error)}. It returned:\n{text_of_json(written[0])}"
        )

    def _ways(self, value: Any, warnings: str) -> Iterator[dict[str, Any]]:
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
        """For bytes that are no UTF-8, which is what pydantic takes them for (ser_json_bytes)."""
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
        # Imported here: most processes never need it.
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def describe_output(hint: Any, tool: str) -> Output | None:
    """How data of this type is described and written; None where no schema can show it.

    Raises:
        pydantic.PydanticUserError: pydantic does not know a part of the type; the text says what to do.
    """
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if _may_be_object(bare):
        found = _output(tool, bare, TypeAdapter(_readable(hint, bare, tool)))
        # A RootModel, or a model with a serializer of its own, may be anything.
        if found is None or found.schema.get("type") == "object":
            return found
    elif isinstance(bare, type):
        if _says_nothing(bare):
            return None
        if not _is_known(bare):
            return _of_attributes(bare, tool)
    wrapper = create_model(f"{tool}Output", result=hint)
    return _output(tool, hint, TypeAdapter(wrapper), wrapper)


def _output(
    tool: str, hint: Any, adapter: TypeAdapter[Any], wrapper: type[BaseModel] | None = None
) -> Output | None:
    try:
        schema = written_schema(adapter)
        needs_check = may_hold_unchecked_values(adapter.core_schema, wrapper)
        return Output(tool, hint, adapter, schema, wrapper, build_validator(schema) if needs_check else None)
    except (PydanticUserError, ValueError) as error:
        logger.info("no output schema", extra={"tool": tool, "detail": str(error)})
        return None


def _may_be_object(bare: Any) -> bool:
    if get_origin(bare) is dict:
        return get_args(bare)[:1] == (str,)
    return isinstance(bare, type) and (issubclass(bare, BaseModel) or is_dataclass(bare) or is_typeddict(bare))


def _readable(hint: Any, bare: Any, tool: str) -> Any:
    if get_origin(bare) is dict:
        return Annotated[hint, Field(title=f"{tool}DictOutput")]
    # Pydantic reads those of typing from Python 3.12 on, and those of typing_extensions always.
    return _typed_dict(bare) if is_typeddict(bare) and type(bare).__module__ == "typing" else hint


def _typed_dict(bare: Any) -> Any:
    """The same as one of typing_extensions."""
    hints = get_type_hints(bare, include_extras=True)
    said = {name for name, hint in hints.items() if get_origin(hint) in (Required, NotRequired)}
    keys = {
        name: hint if name in said or name in bare.__required_keys__ else NotRequired[hint]
        for name, hint in hints.items()
    }
    made: Any = TypedDict(bare.__name__, keys)  # type: ignore[misc]
    for name in ("__doc__", "__pydantic_config__"):
        if hasattr(bare, name):
            setattr(made, name, getattr(bare, name))
    return made


def _says_nothing(bare: type) -> bool:
    """A list without the type of its items may have content in it."""
    is_collection = issubclass(bare, Iterable) and not issubclass(bare, str | bytes) and not get_type_hints(bare)
    return bare is object or is_collection


def _is_known(bare: type) -> bool:
    try:
        TypeAdapter(bare)
    except PydanticSchemaGenerationError:
        return False
    return True


def _of_attributes(bare: type, tool: str) -> Output | None:
    """A class that pydantic does not know is described by its annotations, as the SDK does it."""
    hints = get_type_hints(bare, include_extras=True)
    fields: dict[str, Any] = {
        name: (hint, getattr(bare, name, ...))
        for name, hint in hints.items()
        if not name.startswith("_") and get_origin(hint) is not ClassVar
    }
    if not fields:
        return None
    model = create_model(bare.__name__, __config__=ConfigDict(from_attributes=True), **fields)
    return _output(tool, model, TypeAdapter(model))


def text_of(value: Any) -> str:
    """Of a result that no schema describes: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return text_of_json(to_jsonable_python(value, by_alias=True, fallback=str))
    except UnicodeDecodeError:
        return text_of_json(to_jsonable_python(value, by_alias=True, bytes_mode="base64", fallback=str))


def text_of_json(written: Any) -> str:
    """For a model to read, which finds its way in lines more easily, where they do not make it much longer.

    Each line of a deeply nested value begins with its indentation: a result of 300 kB would become one of 60 MB.
    """
    try:
        compact = to_json(written).decode()
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = to_json(written, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate, which ASCII escapes can say
        compact = json.dumps(written, separators=(",", ":"))
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = json.dumps(written, indent=2)
    return indented if len(indented) <= MAX_INDENTATION_FACTOR * len(compact) else compact


def _kind(error: Exception) -> str:
    return type(error).__name__


def _problems(error: Exception) -> str:
    """Where it does not fit, by the names in the schema, which callers know."""
    if not isinstance(error, ValidationError):
        return ""
    problems = error.errors(include_url=False, include_input=False)[:MAX_TOLD_PROBLEMS]
    return ": " + "; ".join(f"{'.'.join(map(str, each['loc']))} {expectation(each)}" for each in problems)
