"""A guarded resource inside the reach of an open template: however its URI is written, its own rule decides."""

import pytest

from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

RESOURCES = {
    "wide": """
from app.authoring import resource

@resource("report://{+path}")
async def wide(path: str) -> str:
    'Anything.'
    return f"WIDE {path}"
""",
    "secret": """
from app.authoring import role
from app.authoring import resource

@resource("report://secret", requires=role("admin"))
async def secret() -> str:
    'The secret.'
    return "SECRET"
""",
    "payroll": """
from app.authoring import role
from app.authoring import resource

@resource("report://payroll/{year}", requires=role("admin"))
async def payroll(year: str) -> str:
    'The payroll.'
    return f"PAYROLL {year}"
""",
}
WAYS = [
    "report://secret",
    "report://s%65cret",
    "report://%73%65%63%72%65%74",
    "report://payroll/2024",
    "report://payrol%6c/2024",
    "report://payroll%2F2024",
    "report://payroll%2f2024",
    "report://payroll//2024",
    "report://payroll/./2024",
    "report://payroll/2024/",
    "report://payroll/%32024",
    "report://%2573ecret",
    "report://%252573ecret",
    "report://payrol%256c/2024",
    "report://payroll%252F2024",
    "report://payroll%25252F2024",
]


def read(rig: Rig, uri: str, role: str, version: str) -> str:
    answer = rig.exchange("resources/read", {"uri": uri}, token=rig.issuer.token(role=role), version=version)
    if "result" not in answer.json:
        return str(answer.json["error"]["message"])
    return str(answer.json["result"]["contents"][0]["text"])


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("uri", WAYS)
def test_a_member_reads_it_in_no_way_of_writing_its_uri(uri: str, version: str, write: Write) -> None:
    rig = Rig(resources=write(**RESOURCES))

    assert read(rig, uri, "member", version).startswith("There is no such resource.")
    assert not read(rig, uri, "admin", version).startswith("WIDE")


def test_other_ways_of_writing_a_uri_reach_what_they_mean(write: Write) -> None:
    rig = Rig(resources=write(**RESOURCES))

    assert read(rig, "report://s%65cret", "admin", "2026-07-28") == "SECRET"
    assert read(rig, "report://payrol%6c/2024", "admin", "2026-07-28") == "PAYROLL 2024"
    assert read(rig, "report://a/b%20c", "member", "2026-07-28") == "WIDE a/b c"
    assert read(rig, "report://%61/b%20c", "member", "2026-07-28") == "WIDE a/b c"
