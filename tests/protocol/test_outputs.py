"""Data of every type fits the schema that the list shows, and is repeated as one text for the model."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import AwareDatetime

from app.protocol.schemas.output_types import describe_output
from tests.catalogues import outputs
from tests.catalogues.outputs.kinds import KINDS
from tests.catalogues.outputs.misfits import MISFITS
from tests.rig import Rig

pytestmark = pytest.mark.matrix("version")

CASES = [(name, place) for name, (_, values) in KINDS.items() for place in range(len(values))]


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(tools=outputs)


@pytest.fixture(scope="module")
def schemas(rig: Rig) -> dict[str, Any]:
    tools = rig.exchange("tools/list").json["result"]["tools"]
    return {tool["name"]: tool["outputSchema"] for tool in tools if "outputSchema" in tool}


def test_every_type_has_a_schema(schemas: dict[str, Any]) -> None:
    assert schemas.keys() == KINDS.keys() | MISFITS.keys()


@pytest.mark.parametrize(("name", "place"), CASES, ids=str)
def test_what_is_written_fits_its_schema(name: str, place: int, rig: Rig, schemas: dict[str, Any]) -> None:
    result = rig.call(name, {"place": place})

    assert not result["isError"], result
    Draft202012Validator.check_schema(schemas[name])
    strict = Draft202012Validator(schemas[name], format_checker=Draft202012Validator.FORMAT_CHECKER)
    strict.validate(result["structuredContent"])
    assert schemas[name]["type"] == "object"


@pytest.mark.matrix
@pytest.mark.parametrize(("name", "place"), CASES, ids=str)
def test_data_is_repeated_as_one_text(name: str, place: int, rig: Rig) -> None:
    result = rig.call(name, {"place": place})

    (block,) = result["content"]
    own = result["structuredContent"].get("result")
    if isinstance(own, str) and isinstance(KINDS[name][1][place], str):
        assert block == {"type": "text", "text": own}
    else:
        assert json.loads(block["text"]) == result["structuredContent"]


SCALARS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (datetime, st.datetimes(timezones=st.none() | st.timezones())),
    (AwareDatetime, st.datetimes(timezones=st.timezones())),
    (date, st.dates()),
    (time, st.times(timezones=st.none() | st.just(UTC))),
    (timedelta, st.timedeltas()),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (UUID, st.uuids()),
    (bytes, st.binary(max_size=5)),
    (str, st.text(max_size=5)),
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (IPv4Address | IPv6Address, st.ip_addresses()),
    (None, st.none()),
    (Any, st.none() | st.timedeltas() | st.binary(max_size=3)),
]
CONTAINERS: list[Callable[[Any, st.SearchStrategy[Any]], tuple[Any, st.SearchStrategy[Any]]]] = [
    lambda hint, values: (list[hint], st.lists(values, max_size=3)),  # type: ignore[valid-type]
    lambda hint, values: (tuple[hint, int], st.tuples(values, st.integers())),  # type: ignore[valid-type]
    lambda hint, values: (dict[str, hint], st.dictionaries(st.text(max_size=3), values, max_size=3)),  # type: ignore[valid-type]
    lambda hint, values: (dict[date, hint], st.dictionaries(st.dates(), values, max_size=3)),  # type: ignore[valid-type]
    lambda hint, values: (hint | None if hint else None, st.none() | values),
]


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[Any, Any]:
    hint, values = draw(st.sampled_from(SCALARS))
    for contain in draw(st.lists(st.sampled_from(CONTAINERS), max_size=3)):
        hint, values = contain(hint, values)
    return hint, draw(values)


@pytest.mark.broad
@given(typed_values())
@settings(deadline=None, max_examples=100)
def test_nested_data_of_any_value_fits_its_schema(typed: tuple[Any, Any]) -> None:
    hint, value = typed
    output = describe_output(hint, "one")

    assert output is not None
    strict = Draft202012Validator(output.schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    strict.validate(json.loads(json.dumps(output.write(value))))
