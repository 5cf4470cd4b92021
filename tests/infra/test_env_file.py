from pathlib import Path

import pytest

from infra.local.env_file import EnvFileError, read_env_file


def read(folder: Path, content: str) -> dict[str, str]:
    (folder / ".env").write_text(content, encoding="utf-8")
    return read_env_file(folder / ".env")


def test_no_file_is_no_variables(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("KEY=value", "value"),
        ("  KEY=value  ", "value"),
        ("KEY=", ""),
        ('KEY=""', ""),
        ("KEY=two words", "two words"),
        ('KEY="two # words\'s"', "two # words's"),
        ("KEY='{\"a\": 1}'", '{"a": 1}'),
        ("KEY=value # why", "value"),
        ('KEY="value" # why', "value"),
        ("KEY= # why", ""),
        ("KEY=https://a.example/#part?x=y", "https://a.example/#part?x=y"),
        ("KEY=é", "é"),
    ],
)
def test_a_line_sets_one_variable(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, f"# mine\n\n{line}\n") == {"KEY": value}


@pytest.mark.parametrize(
    "line",
    [
        "KEY",
        "export KEY=1",
        "KEY = 1",
        "1KEY=1",
        "K-EY=1",
        'KEY="open',
        "KEY='open",
        'KEY="a" b',
        "=1",
        "KEY=a\0b",
    ],
)
def test_any_other_line_is_refused_by_its_place_and_not_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(EnvFileError) as refused:
        read(tmp_path, f"FIRST=1\n{line}\n")

    assert str(refused.value).startswith(f"{tmp_path}/.env, line 2: write NAME=value")
    assert line not in str(refused.value)


def test_a_name_set_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvFileError, match=r"\.env, line 3: KEY is set a second time; keep one of the two"):
        read(tmp_path, "KEY=1\n\nKEY=2\n")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"KEY=\xff")

    with pytest.raises(EnvFileError, match=r"\.env cannot be read"):
        read_env_file(tmp_path / ".env")
