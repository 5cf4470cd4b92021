"""Tools whose input schemas the suite looks at."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.authoring import ToolError, tool


class Address(BaseModel):
    street: str = ""
    city: str = ""


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


@tool(title="JSON Schema 2020-12", input_schema=SCHEMA)
async def json_schema_2020_12_tool(
    name: str = "",
    address: Address | None = None,
    contactMethod: Literal["phone", "email"] = "email",  # noqa: N803 - the suite's name
    phone: str = "",
    email: str = "",
) -> str:
    """Take one of two arguments, which one depends on a third."""
    way = {"phone": phone, "email": email}[contactMethod]
    if not way:
        raise ToolError(f"{contactMethod} is missing.")
    return f"{name or 'Somebody'} is reached at {way}" + (f" in {address.city}." if address else ".")


@tool(title="Mirrored argument")
async def test_x_mcp_header(
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})],
) -> str:
    """Take an argument that a header repeats (SEP-2243)."""
    return region
