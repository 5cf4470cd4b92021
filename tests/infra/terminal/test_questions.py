"""A tool's questions are asked in the terminal."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from infra.terminal.questions import InvalidAnswer, InvalidForm, Questions, describe_field, read_field
from tests.infra.terminal.screens import Seen, User, make_screen

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["name", "days"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "description": "For whom"},
        "days": {"type": "integer", "minimum": 1},
        "sure": {"type": "boolean", "default": False},
        "size": {"oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}]},
        "extras": {"type": "array", "items": {"enum": ["cheese", "basil"]}, "maxItems": 1},
    },
}


def ask(params: ElicitRequestParams, seen: Seen) -> ElicitResult:
    context = cast("ClientRequestContext", None)  # the callback reads nothing of it
    return asyncio.run(Questions(seen.screen)(context, params))


def fill_in(user: User) -> tuple[ElicitResult, Seen]:
    seen = make_screen(user)
    return ask(ElicitRequestFormParams(message="Order a pizza?", requested_schema=FORM), seen), seen


def test_each_field_is_asked_until_it_fits() -> None:
    user = User(["A", "Ada", "two", "2", "", "large", "basil, cheese", "basil", ""])
    result, seen = fill_in(user)

    assert result.action == "accept"
    assert result.content == {"name": "Ada", "days": 2, "sure": False, "size": "l", "extras": ["basil"]}
    assert "The server asks: Order a pizza?" in seen.err
    assert user.questions[0] == "  name (string, at least 2 characters): "
    assert "'two' is not a number" in seen.err
    assert seen.out == ""


def test_what_may_be_empty_is_left_out() -> None:
    result, _ = fill_in(User(["Ada", "2", "yes", "", "", "y"]))

    assert result.content == {"name": "Ada", "days": 2, "sure": True}


def test_no_at_the_end_declines_and_ctrl_d_cancels() -> None:
    declined, _ = fill_in(User(["Ada", "2", "", "", "", "n"]))
    cancelled, _ = fill_in(User(["Ada"]))

    assert (declined.action, declined.content) == ("decline", None)
    assert (cancelled.action, cancelled.content) == ("cancel", None)


def test_without_a_terminal_the_answer_is_no() -> None:
    seen = make_screen()

    assert ask(ElicitRequestFormParams(message="Sure?", requested_schema=FORM), seen).action == "decline"
    assert "no terminal" in seen.err


@pytest.mark.parametrize(("typed", "action", "opened"), [("y", "accept", 1), ("", "decline", 0)])
def test_an_address_is_shown_and_opened_only_if_the_user_agrees(typed: str, action: str, opened: int) -> None:
    addresses: list[str] = []
    seen = make_screen(User([typed]), addresses.append)
    params = ElicitRequestURLParams(message="Pay", url="https://pay.example.com/1", elicitation_id="1")

    assert ask(params, seen).action == action
    assert "  https://pay.example.com/1\n" in seen.err
    assert addresses == ["https://pay.example.com/1"] * opened


def test_an_address_that_is_no_page_is_not_opened() -> None:
    addresses: list[str] = []
    seen = make_screen(User(["y"]), addresses.append)

    ask(ElicitRequestURLParams(message="Pay", url="file:///etc/passwd", elicitation_id="1"), seen)

    assert addresses == []


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("1.5", {"type": "number"}, 1.5),
        ("no", {"type": "boolean"}, False),
        ("B", {"enum": ["a", "b"]}, "b"),
        ("Blue", {"enum": ["a", "b"], "enumNames": ["Red", "Blue"]}, "b"),
    ],
    ids=["number", "boolean", "enum", "names"],
)
def test_a_field_is_read_as_its_type(typed: str, kind: dict[str, Any], value: object) -> None:
    assert read_field(typed, kind) == value


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("1.5", {"type": "integer"}),
        ("maybe", {"type": "boolean"}),
        ("c", {"enum": ["a", "b"]}),
        ("2026-02-30", {"type": "string", "format": "date"}),
    ],
    ids=["integer", "boolean", "enum", "date"],
)
def test_a_field_of_another_type_is_refused(typed: str, kind: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswer):
        read_field(typed, kind)


def test_a_field_that_refers_to_an_address_has_nothing_fetched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "schema.json"
    elsewhere.write_text('{"type": "integer"}')

    with pytest.raises(InvalidForm):
        read_field("x", {"type": "string", "allOf": [{"$ref": elsewhere.as_uri()}]})


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": []},
        {"properties": {"a": True}},
        {"properties": {"a": {"enum": 5}}},
        {"properties": {"a": {"$ref": "#"}}},
        {"properties": {"a": {"type": "string", "pattern": "("}}},
    ],
    ids=["list", "true", "enum", "loop", "pattern"],
)
def test_a_form_that_nobody_can_fill_in_is_declined(schema: dict[str, Any]) -> None:
    seen = make_screen(User(["x", ""]))

    result = ask(ElicitRequestFormParams(message="Sure?", requested_schema=schema), seen)

    assert result.action == "decline"
    assert "The server's form breaks the protocol" in seen.err


@pytest.mark.parametrize(
    "field",
    [{"enum": ["\x1b[2Jb", "c"]}, {"type": "array", "items": {"oneOf": [True, {"const": "\x9bc"}]}}],
    ids=["one", "several"],
)
def test_a_choice_cannot_steer_the_terminal(field: dict[str, Any]) -> None:
    seen = make_screen(User(["x"]))

    ask(ElicitRequestFormParams(message="Which?", requested_schema={"properties": {"a": field}}), seen)

    assert "type one of: " in seen.err
    assert seen.err.replace("\n", "").isprintable()


def test_a_field_says_what_it_takes() -> None:
    shown = [describe_field(each, name in FORM["required"]) for name, each in FORM["properties"].items()]

    assert shown == [
        "string, at least 2 characters",
        "integer, at least 1",
        "yes or no = false",
        "Small or Large, may be empty",
        "any of cheese or basil, separated by commas, at most 1 items, may be empty",
    ]
