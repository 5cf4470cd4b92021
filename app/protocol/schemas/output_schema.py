"""The output schema of a tool. It promises only what every value of the type keeps.

A client that checks results throws away one that breaks the schema, after the tool has acted.
"""

from collections.abc import Iterator
from enum import Flag
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

# The formats of JSON Schema Validation section 7.3 that ajv-formats knows: strict clients refuse a schema with any
# other. Left out: "email" (pydantic accepts international addresses), "ipv6" (a zone may follow) and "regex"
# (Python's are different).
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
# The values of these keywords map the author's names to schemas.
_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs")
# The values of these keywords are data.
_DATA = ("const", "default", "enum", "examples")
_BY_FUNCTION = ("function-plain", "function-wrap")


def build_output_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what the adapter writes.

    Raises:
        ValueError, pydantic.PydanticUserError: a part of the type has no schema.
    """
    schema = adapter.json_schema(mode="serialization", schema_generator=_OutputSchemaGenerator)
    for part in _walk_subschemas(schema):
        _keep_known_format(part)
    return _inline_root(schema)


class _OutputSchemaGenerator(GenerateJsonSchema):
    """Pydantic's generator, without the keywords that its own serializers may break."""

    def emit_warning(self, kind: Any, detail: str) -> None:
        """Raise for a union's member without a schema. A default that JSON cannot hold is left out silently."""
        if kind != "non-serializable-default":
            raise ValueError(detail)

    def ser_schema(self, schema: Any) -> JsonSchemaValue | None:
        """Nothing is promised for an author's serializer that does not declare its return type."""
        if schema["type"] == "any":  # SerializeAsAny: a subclass may add anything
            return {}
        generated = super().ser_schema(schema)
        if generated is None:
            # Pydantic's own serializers, such as those of sequences, write what the type declares.
            is_authors = schema["type"] in _BY_FUNCTION and not _module(schema["function"]).startswith("pydantic.")
            return {} if is_authors else None
        if schema.get("when_used", "always").endswith("unless-none"):
            return self.get_union_of_schemas([generated, {"type": "null"}])
        return generated

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """No format: RFC 3339 section 5.6 requires an offset, which a naive datetime lacks."""
        generated = super().datetime_schema(schema)
        return generated if schema.get("tz_constraint") not in (None, "naive") else _remove(generated, "format")

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        """No format, for the same reason (full-time in RFC 3339 section 5.6)."""
        generated = super().time_schema(schema)
        return generated if schema.get("tz_constraint") not in (None, "naive") else _remove(generated, "format")

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        """No format: RFC 3339 appendix A has neither fractions of a second nor negative durations."""
        return _remove(super().timedelta_schema(schema), "format")

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """No pattern: Python writes 1E+400, which pydantic's refuses."""
        return _remove(super().decimal_schema(schema), "pattern")

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """No multipleOf: JavaScript rounds large numbers before it divides."""
        return _remove(super().int_schema(schema), "multipleOf")

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        """No multipleOf: to pydantic 0.3 is a multiple of 0.1, to JavaScript it is not."""
        return _remove(super().float_schema(schema), "multipleOf")

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        """No limits: they count bytes, and the written text has other characters."""
        return {"type": "string"}

    def url_schema(self, schema: core_schema.UrlSchema) -> JsonSchemaValue:
        """No format: browsers' URLs (WHATWG) may have characters that RFC 3986, and so "uri", refuses."""
        return {"type": "string"}

    def multi_host_url_schema(self, schema: core_schema.MultiHostUrlSchema) -> JsonSchemaValue:
        """No format, for the same reason."""
        return {"type": "string"}

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """No enum for flags, which are combined: 3 is READ and WRITE, and not itself a member."""
        generated = super().enum_schema(schema)
        return _remove(generated, "enum") if issubclass(schema["cls"], Flag) else generated

    def set_schema(self, schema: core_schema.SetSchema) -> JsonSchemaValue:
        """No uniqueItems: a UUID and its text are different in Python, and the same in JSON."""
        return _remove(super().set_schema(schema), "uniqueItems")

    def frozenset_schema(self, schema: core_schema.FrozenSetSchema) -> JsonSchemaValue:
        """No uniqueItems, for the same reason."""
        return _remove(super().frozenset_schema(schema), "uniqueItems")

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """No propertyNames: JSON has texts as keys, and the schema of a key may say integer."""
        return _remove(super().dict_schema(schema), "propertyNames")

    def ordered_dict_schema(self, schema: core_schema.OrderedDictSchema) -> JsonSchemaValue:
        """No propertyNames, for the same reason."""
        return _remove(super().ordered_dict_schema(schema), "propertyNames")

    def counter_schema(self, schema: core_schema.CounterSchema) -> JsonSchemaValue:
        """No propertyNames, for the same reason."""
        return _remove(super().counter_schema(schema), "propertyNames")

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """anyOf: if the tag is not part of the data, a value may fit two members, which oneOf refuses."""
        generated = super().tagged_union_schema(schema)
        return {"anyOf": generated["oneOf"]}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """No additionalProperties for a model that writes its subclasses as they are: they have more fields."""
        generated = super().model_schema(schema)
        is_polymorphic = schema["cls"].model_config.get("polymorphic_serialization", False)
        return _remove(generated, "additionalProperties") if is_polymorphic else generated


def _module(function: Any) -> str:
    return str(getattr(function, "__module__", ""))


def _remove(schema: JsonSchemaValue, keyword: str) -> JsonSchemaValue:
    return {key: value for key, value in schema.items() if key != keyword}


def _walk_subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema inside it, but not data that looks like a schema."""
    if isinstance(schema, list):
        for part in schema:
            yield from _walk_subschemas(part)
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in _BY_NAME and isinstance(value, dict):
                yield from _walk_subschemas(list(value.values()))
            elif key not in _DATA:
                yield from _walk_subschemas(value)


def _keep_known_format(schema: dict[str, Any]) -> None:
    name = schema.get("format")
    if isinstance(name, str) and name.startswith("uuid"):  # pydantic writes uuid4, for example
        schema["format"] = "uuid"
    elif name not in _KNOWN_FORMATS:
        schema.pop("format", None)


def _inline_root(schema: dict[str, Any]) -> dict[str, Any]:
    """Copy the target of a `$ref` to the top, where clients look for the type (MCP schema, Tool.outputSchema)."""
    reference = schema.get("$ref", "")
    if not reference.startswith("#/$defs/"):
        return schema
    return {**schema["$defs"][reference.removeprefix("#/$defs/")], **_remove(schema, "$ref")}
