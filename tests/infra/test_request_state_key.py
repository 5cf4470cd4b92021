import base64
import stat
from pathlib import Path

import pytest

from infra.local.authkit import StateError
from infra.local.request_state_key import keep_request_state_key


def test_the_request_state_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    key = keep_request_state_key(tmp_path / "state")

    assert keep_request_state_key(tmp_path / "state") == key
    assert len(base64.urlsafe_b64decode(key)) == 32
    assert stat.S_IMODE((tmp_path / "state" / "request_state_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["request_state_key"]


def test_a_key_without_padding_and_with_a_line_end_is_a_key(tmp_path: Path) -> None:
    key = base64.urlsafe_b64encode(bytes(33)).decode()[:-1]
    (tmp_path / "request_state_key").write_text(key + "\n")

    assert keep_request_state_key(tmp_path) == key


@pytest.mark.parametrize("content", [b"", b"short", b"A" * 41, b"!" * 44, b"\xff" * 44, b"=" * 44])
def test_a_file_that_holds_no_key_is_named_with_its_fix(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "request_state_key"
    file.write_bytes(content)

    with pytest.raises(StateError) as refused:
        keep_request_state_key(tmp_path)

    assert str(file) in str(refused.value)
    assert str(refused.value).endswith("delete it and start again")
