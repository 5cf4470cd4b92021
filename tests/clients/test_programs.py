"""Client programs log in by themselves, call `whoami`, and call it again once their token has expired.

What is seen of each must be its row in docs/clients.md: a program that changes fails here until its row is true.
All log in before the first is asked again, so that their tokens expire meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.clients.documented import Row, documented_rows
from tests.clients.home import ADA, Home, settled
from tests.clients.platforms import find_platform_packages
from tests.clients.program import Program
from tests.clients.programs import PROGRAMS

pytestmark = [pytest.mark.clients, pytest.mark.timeout(400)]
every_program = pytest.mark.parametrize(
    "program",
    [pytest.param(each, marks=[pytest.mark.e2e] if each.is_quick else [], id=each.name) for each in PROGRAMS],
)


@pytest.fixture(scope="module")
def home_for(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Program], Home]]:
    """The home of a program, in which it has logged in once."""
    homes: dict[str, Home] = {}
    with ExitStack() as running:

        def find(program: Program) -> Home:
            skip_what_is_not_for_this_platform(program)
            if program.name not in homes:
                folder = tmp_path_factory.mktemp("client")
                homes[program.name] = running.enter_context(settled(folder, documents=program.documents))
                running.callback(program.leave, homes[program.name])
                program.log_in(homes[program.name])
            return homes[program.name]

        yield find


def skip_what_is_not_for_this_platform(program: Program) -> None:
    if program.has_platforms and not find_platform_packages(program.package):
        pytest.skip(f"{program.name} is not in the registry for this platform")


def seen(home: Home, after_expiry: str) -> Row:
    """The row, as AuthKit, the server and the user's browser saw the program."""
    asked = [each.query.get("scope") for each in home.observer.at("/oauth2/authorize", 302)]
    eras = [each.headers["mcp-protocol-version"] for each in home.whoami_calls()]
    return Row(
        protocol=", ".join(dict.fromkeys(eras)),
        login_and_call="works",
        after_expiry=after_expiry,
        scopes=", ".join(f"`{scope}`" if scope else "none" for scope in dict.fromkeys(asked)),
        consent=", ".join(dict.fromkeys(home.consents)),
    )


@every_program
def test_the_program_logs_in_and_calls_a_tool(program: Program, home_for: Callable[[Program], Home]) -> None:
    home = home_for(program)

    said = program.call(home)

    assert ADA in said
    assert len(home.whoami_calls()) >= 1


@every_program
def test_the_row_of_the_program_is_true_after_its_token_expired(
    program: Program, home_for: Callable[[Program], Home]
) -> None:
    home = home_for(program)
    logins = len(home.consents)
    home.wait_for_expiry()
    calls = len(home.whoami_calls())

    program.call(home)

    assert len(home.whoami_calls()) > calls
    after = "works" if len(home.consents) == logins else "asks for a new login"
    assert seen(home, after) == documented_rows()[program.name][1]
