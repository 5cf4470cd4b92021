"""YOURS: tests of your own tools. Upstream does not change this folder after its first commit."""

import asyncio

import pytest

from app.authoring import ToolError, make_session
from app.authoring.testing import CallAs, CallFailed, as_user
from app.tools.greet import greet


def test_a_caller_is_greeted_on_behalf_of_their_organisation(call_as: CallAs) -> None:
    greeting = call_as(as_user(organization="org_1")).call("greet", name="Ada")

    assert greeting == {"text": "Hello Ada", "organization_id": "org_1"}


def test_nobody_is_greeted_without_a_name(call_as: CallAs) -> None:
    with pytest.raises(CallFailed, match="nobody to greet"):
        call_as(as_user()).call("greet", name=" ")


def test_a_tool_is_also_a_plain_function() -> None:
    greeting = asyncio.run(greet("Ada", make_session(organization_id="org_1")))

    assert (greeting.text, greeting.organization_id) == ("Hello Ada", "org_1")
    with pytest.raises(ToolError):
        asyncio.run(greet(" ", make_session()))
