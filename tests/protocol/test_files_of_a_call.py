"""How many files a reader has to open to follow one call: those whose code a warm call runs."""

import sys
from types import FrameType

import pytest

from tests.blocks import ROOT
from tests.events import http_api
from tests.rig import ERAS, Rig, message

MAX_FILES = 32


def files_of_a_warm_call(era: str) -> set[str]:
    rig = Rig()
    headers, body = message("tools/call", {"name": "whoami", "arguments": {}}, era)
    event = http_api(headers={**headers, "authorization": f"Bearer {rig.issuer.token()}"}, body=body)
    app, found = f"{ROOT / 'app'}/", set()

    def note(frame: FrameType, kind: str, argument: object) -> None:
        if kind == "call" and (file := frame.f_code.co_filename).startswith(app):
            found.add(file.removeprefix(app))

    rig.handler(event, None)
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        rig.handler(event, None)
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("era", ERAS)
def test_a_warm_call_passes_few_files(era: str) -> None:
    files = files_of_a_warm_call(era)

    assert "handler.py" in files
    assert len(files) <= MAX_FILES, sorted(files)
