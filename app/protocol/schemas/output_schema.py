"""The schema of what a tool writes. It promises nothing that a value of the type may break: a client that checks
results throws one away that does not fit, after the tool has acted."""

from collections.abc import Iterator
from enum import Flag
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

# Of JSON Schema Validation section 7.3, those that ajv-formats knows too: strict clients refuse a schema with any
# other. Without "email" (pydantic takes international ones), "ipv6" (it may have a zone) and "regex" (Python's).
_KNOWN_FORMATS = frozenset(
    (
        "date",
        "date-time",
        "duration",
        "hostname",
        "ipv4",
        "json-pointer",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    )
)
# Under these, keys are the author's names and values are schemas.
_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs")
# Under these, all is data.
_DATA = ("const", "default", "enum", "examples")
_BY_FUNCTION = ("function-plain", "function-wrap")


def build_output_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """JSON Schema 2020-12 of what the adapter writes.

    Raises:
        ValueError: a part of the type has no schema.
        pydantic.PydanticUserError: the same.
    """
    schema = adapter.json_schema(mode="serialization", schema_generator=_OutputSchemaGenerator)
    for part in _subschemas(schema):
        _keep_known_format(part)
    return _with_own_root(schema)


class _OutputSchemaGenerator(GenerateJsonSchema):
    """Pydantic's, without the keywords that its own serializers do not keep."""

    def emit_warning(self, kind: Any, detail: str) -> None:
        """A default that JSON cannot say is left out; a choice that it cannot say would be missing."""
        if kind != "non-serializable-default":
            raise ValueError(detail)

    def ser_schema(self, schema: Any) -> JsonSchemaValue | None:
        """Of a serializer of the author's that does not say what it returns, nothing is known."""
        if schema["type"] == "any":  # SerializeAsAny: whatever a subclass adds
            return {}
        made = super().ser_schema(schema)
        if made is None:
            # Pydantic's own serializers, of sequences and the like, write what the type says.
            is_authors = schema["type"] in _BY_FUNCTION and not _module(schema["function"]).startswith("pydantic.")
            return {} if is_authors else None
        if schema.get("when_used", "always").endswith("unless-none"):
            return self.get_union_of_schemas([made, {"type": "null"}])
        return made

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """RFC 3339 section 5.6 requires an offset, which a naive datetime has not."""
        made = super().datetime_schema(schema)
        return made if schema.get("tz_constraint") not in (None, "naive") else _without(made, "format")

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        """The same for a time (full-time in RFC 3339)."""
        made = super().time_schema(schema)
        return made if schema.get("tz_constraint") not in (None, "naive") else _without(made, "format")

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        """RFC 3339 appendix A has no fractions of a second and no negative durations."""
        return _without(super().timedelta_schema(schema), "format")

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Python writes 1E+400, which pydantic's pattern refuses."""
        return _without(super().decimal_schema(schema), "pattern")

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """JavaScript divides rounded numbers."""
        return _without(super().int_schema(schema), "multipleOf")

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        """0.3 is a multiple of 0.1 to pydantic, and not to JavaScript."""
        return _without(super().float_schema(schema), "multipleOf")

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        """The limits count bytes, and what is written has other characters."""
        return {"type": "string"}

    def url_schema(self, schema: core_schema.UrlSchema) -> JsonSchemaValue:
        """Browsers' URLs (WHATWG) may hold characters that RFC 3986 and so "uri" refuse."""
        return {"type": "string"}

    def multi_host_url_schema(self, schema: core_schema.MultiHostUrlSchema) -> JsonSchemaValue:
        """The same."""
        return {"type": "string"}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """Flags are combined: 3 is READ and WRITE, and none of the members."""
        made = super().enum_schema(schema)
        return _without(made, "enum") if issubclass(schema["cls"], Flag) else made

    def set_schema(self, schema: core_schema.SetSchema) -> JsonSchemaValue:
        """A UUID and the same as text differ in Python, and not in JSON."""
        return _without(super().set_schema(schema), "uniqueItems")

    def frozenset_schema(self, schema: core_schema.FrozenSetSchema) -> JsonSchemaValue:
        """The same."""
        return _without(super().frozenset_schema(schema), "uniqueItems")

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Keys are text in JSON, while the schema of a key may say integer."""
        return _without(super().dict_schema(schema), "propertyNames")

    def ordered_dict_schema(self, schema: core_schema.OrderedDictSchema) -> JsonSchemaValue:
        """The same."""
        return _without(super().ordered_dict_schema(schema), "propertyNames")

    def counter_schema(self, schema: core_schema.CounterSchema) -> JsonSchemaValue:
        """The same."""
        return _without(super().counter_schema(schema), "propertyNames")

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """By a tag that is not in the data a value may fit two of them, which oneOf refuses."""
        made = super().tagged_union_schema(schema)
        return {"anyOf": made["oneOf"]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Of a model that writes its subclasses as they are, other fields than its own may come."""
        made = super().model_schema(schema)
        is_polymorphic = schema["cls"].model_config.get("polymorphic_serialization", False)
        return _without(made, "additionalProperties") if is_polymorphic else made


def _module(function: Any) -> str:
    return str(getattr(function, "__module__", ""))


def _without(schema: JsonSchemaValue, keyword: str) -> JsonSchemaValue:
    return {key: value for key, value in schema.items() if key != keyword}


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it, and nothing that is data or only has a schema's look."""
    if isinstance(schema, list):
        for part in schema:
            yield from _subschemas(part)
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in _BY_NAME and isinstance(value, dict):
                yield from _subschemas(list(value.values()))
            elif key not in _DATA:
                yield from _subschemas(value)


def _keep_known_format(schema: dict[str, Any]) -> None:
    said = schema.get("format")
    if isinstance(said, str) and said.startswith("uuid"):  # pydantic's uuid4
        schema["format"] = "uuid"
    elif said not in _KNOWN_FORMATS:
        schema.pop("format", None)


def _with_own_root(schema: dict[str, Any]) -> dict[str, Any]:
    """With what a $ref at the top leads to: clients want to see the type there (schema of Tool, outputSchema)."""
    reference = schema.get("$ref", "")
    if not reference.startswith("#/$defs/"):
        return schema
    return {**schema["$defs"][reference.removeprefix("#/$defs/")], **_without(schema, "$ref")}
