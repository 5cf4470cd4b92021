"""YOURS: tests of your own tools. Upstream does not change this folder after its first commit."""

import asyncio

import pytest

from app.authoring import ToolError, make_session
from app.tools.greet import greet


def test_it_greets_on_behalf_of_the_callers_organisation() -> None:
    greeting = asyncio.run(greet("Ada", make_session(organization_id="org_1")))

    assert (greeting.text, greeting.organization_id) == ("Hello Ada", "org_1")


def test_it_greets_nobody_without_a_name() -> None:
    with pytest.raises(ToolError, match="nobody to greet"):
        asyncio.run(greet(" ", make_session()))
