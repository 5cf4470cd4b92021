"""One environment of the function for each test."""

from collections.abc import Iterator

import pytest

from tests.access.world import World, running


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with running(monkeypatch) as world:
        yield world
