"""What the user's client answers: a form's content as the model that asked for it, or that they would not."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mcp_types import INVALID_PARAMS
from pydantic import ValidationError

from app.authoring.ask import Cancelled, Declined, Model
from app.authoring.form import build_form
from app.protocol.wire.errors import Failed, describe_expectation

SHOWN = 10
"""Problems with an answer that are told one by one."""


def read_form(model: type[Model], answer: Mapping[str, Any]) -> Model:
    """The model.

    Raises:
        Declined, Cancelled: there is none.
        Failed: the content is not what the form asked for, which a client should have seen itself.
    """
    read_consent(answer)
    try:
        # As JSON and strictly: dates are texts there, and a text is never taken for a truth value.
        return model.model_validate_json(json.dumps(answer["content"] or {}), strict=True)
    except ValidationError as error:
        # As a list can have a million of them, the first kinds of them.
        problems = "; ".join(islice(dict.fromkeys(_problems(model, error)), SHOWN))
        raise Failed(INVALID_PARAMS, f"The user's answer does not fit what was asked for. {problems}") from None


def read_consent(answer: Mapping[str, Any]) -> None:
    """Raises: Declined, Cancelled."""
    if answer["action"] == "decline":
        raise Declined("The user was asked, and said no.")
    if answer["action"] == "cancel":
        raise Cancelled("The user was asked, and closed the question without an answer.")


def _problems(model: type[Model], error: ValidationError) -> Iterator[str]:
    """Field by field; names that are none of the model's are the client's own text."""
    known = set(build_form(model)["properties"])
    for problem in error.errors(include_url=False, include_input=False):
        name = next((str(part) for part in problem["loc"] if part in known), "the answer")
        yield f"{name}: {describe_expectation(problem)}"
