"""A team's first background tool stops none of its tests: the server of the tests has what it needs."""

from app.application import create_app
from app.settings import Settings
from tests.catalogues.background import tools as background_tools
from tests.loopback_issuer import loopback_issuer
from tests.team import ENVIRONMENT


def test_the_environment_of_the_tests_has_a_worker() -> None:
    create_app(Settings.from_environment(ENVIRONMENT), tools=background_tools)


def test_so_has_the_one_with_an_issuer_of_its_own() -> None:
    with loopback_issuer() as served:
        create_app(Settings.from_environment(served.settings), tools=background_tools)
