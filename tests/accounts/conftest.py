import pytest

from tests.accounts.desk import TOOL, Desk
from tests.packages import Write


@pytest.fixture
def desk(write: Write) -> Desk:
    """A server with one tool that needs GitHub."""
    return Desk.open(write(who_am_i=TOOL))
