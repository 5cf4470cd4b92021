"""A client program is skipped only where the registry has it not for the platform."""

import json
from pathlib import Path

import pytest

from tests.clients.platforms import find_platform_packages


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    tmp_path.joinpath("client").mkdir()
    optional = {"client-linux-x64": "1.0.0", "client-darwin-arm64": "1.0.0"}
    tmp_path.joinpath("client/package.json").write_text(json.dumps({"optionalDependencies": optional}))
    return tmp_path


def test_the_package_for_this_platform_is_found(modules: Path) -> None:
    modules.joinpath("client-linux-x64").mkdir()

    assert find_platform_packages("client", [modules / "elsewhere", modules]) == ["client-linux-x64"]


def test_a_platform_for_which_there_is_none_has_no_package(modules: Path) -> None:
    assert find_platform_packages("client", [modules]) == []


def test_a_client_that_is_not_installed_at_all_is_an_error(modules: Path) -> None:
    with pytest.raises(AssertionError, match="other is not installed"):
        find_platform_packages("other", [modules])
