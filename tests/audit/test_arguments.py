"""Redaction: of arguments the names, and values only where their author said so."""

import json
from typing import Any

import pytest

from app.audit.arguments import MAX_VALUE_CHARACTERS, make_printable, summarize_arguments


def test_no_value_is_shown_unless_its_author_said_so() -> None:
    assert summarize_arguments({"a": 1, "b": 2}, known={"a", "b"}) == (("a", "b"), {}, 0)


def test_names_are_those_that_were_given_and_exist() -> None:
    assert summarize_arguments({"b": 2, "evil": 3, "worse": 4}, known={"a", "b"}) == (("b",), {}, 2)


def test_a_name_to_show_that_was_not_given_or_is_no_parameter_shows_nothing() -> None:
    assert summarize_arguments({"x": 1}, known={"a"}, shown=("a", "x")).shown == {}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("report-q1", "report-q1"),
        ("x" * 1000, "x" * MAX_VALUE_CHARACTERS),
        ("line\nbreak", "line\ufffdbreak"),
        ("right-to-left \u202e override", "right-to-left \ufffd override"),
        ("\udc80", "\ufffd"),
        (7, 7),
        (-1.5, -1.5),
        (2**63, "[number]"),
        (10**4000, "[number]"),
        (float("inf"), "[number]"),
        (True, True),
        (None, None),
        (["secret"], "[array]"),
        ({"password": "secret"}, "[object]"),
    ],
)
def test_a_shown_value_is_small_and_plain(value: Any, shown: Any) -> None:
    described = summarize_arguments({"a": value}, known={"a"}, shown=("a",))

    assert described.shown == {"a": shown}
    json.dumps(described.shown, allow_nan=False).encode()


def test_text_without_anything_odd_is_itself() -> None:
    assert make_printable("Müller, 1 000 €", 500) == "Müller, 1 000 €"
