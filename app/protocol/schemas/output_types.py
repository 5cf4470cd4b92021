"""How the data of a tool is described and written, decided by its return type."""

import logging
from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import Annotated, Any, ClassVar, NotRequired, Required, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, create_model
from pydantic.errors import PydanticSchemaGenerationError
from typing_extensions import TypedDict, is_typeddict

from app.protocol.schemas.output import Output
from app.protocol.schemas.output_schema import build_output_schema
from app.protocol.schemas.schema_validator import build_validator, may_hold_unchecked_values

logger = logging.getLogger(__name__)


def describe_output(hint: Any, tool: str) -> Output | None:
    """The output for a return type; None for a type that no schema can describe.

    Raises:
        pydantic.PydanticUserError: pydantic does not know a part of the type; the text says what to do.
    """
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if _may_be_object(bare):
        found = _build_output(tool, bare, TypeAdapter(_make_readable(hint, bare, tool)))
        # A RootModel, or a model with its own serializer, may write something that is not an object.
        if found is None or found.schema.get("type") == "object":
            return found
    elif isinstance(bare, type):
        if _is_undescribed(bare):
            return None
        if not _is_known(bare):
            return _describe_attributes(bare, tool)
    wrapper = create_model(f"{tool}Output", result=hint)
    return _build_output(tool, hint, TypeAdapter(wrapper), wrapper)


def _build_output(
    tool: str, hint: Any, adapter: TypeAdapter[Any], wrapper: type[BaseModel] | None = None
) -> Output | None:
    try:
        schema = build_output_schema(adapter)
        needs_check = may_hold_unchecked_values(adapter.core_schema, wrapper)
        return Output(tool, hint, adapter, schema, wrapper, build_validator(schema) if needs_check else None)
    except (PydanticUserError, ValueError) as error:
        logger.info("no output schema", extra={"tool": tool, "detail": str(error)})
        return None


def _may_be_object(bare: Any) -> bool:
    if get_origin(bare) is dict:
        return get_args(bare)[:1] == (str,)
    return isinstance(bare, type) and (issubclass(bare, BaseModel) or is_dataclass(bare) or is_typeddict(bare))


def _make_readable(hint: Any, bare: Any, tool: str) -> Any:
    if get_origin(bare) is dict:
        return Annotated[hint, Field(title=f"{tool}DictOutput")]
    # Pydantic reads those of typing from Python 3.12 on, and those of typing_extensions always.
    return _copy_typed_dict(bare) if is_typeddict(bare) and type(bare).__module__ == "typing" else hint


def _copy_typed_dict(bare: Any) -> Any:
    """The same TypedDict as one of typing_extensions."""
    hints = get_type_hints(bare, include_extras=True)
    marked = {name for name, hint in hints.items() if get_origin(hint) in (Required, NotRequired)}
    keys = {
        name: hint if name in marked or name in bare.__required_keys__ else NotRequired[hint]
        for name, hint in hints.items()
    }
    copy: Any = TypedDict(bare.__name__, keys)  # type: ignore[misc]
    for name in ("__doc__", "__pydantic_config__"):
        if hasattr(bare, name):
            setattr(copy, name, getattr(bare, name))
    return copy


def _is_undescribed(bare: type) -> bool:
    """A class that says nothing of its items, such as a bare list: they may be content."""
    is_collection = issubclass(bare, Iterable) and not issubclass(bare, str | bytes) and not get_type_hints(bare)
    return bare is object or is_collection


def _is_known(bare: type) -> bool:
    try:
        TypeAdapter(bare)
    except PydanticSchemaGenerationError:
        return False
    return True


def _describe_attributes(bare: type, tool: str) -> Output | None:
    """Describe a class that pydantic does not know by its annotations, as the SDK does."""
    hints = get_type_hints(bare, include_extras=True)
    fields: dict[str, Any] = {
        name: (hint, getattr(bare, name, ...))
        for name, hint in hints.items()
        if not name.startswith("_") and get_origin(hint) is not ClassVar
    }
    if not fields:
        return None
    model = create_model(bare.__name__, __config__=ConfigDict(from_attributes=True), **fields)
    return _build_output(tool, model, TypeAdapter(model))
