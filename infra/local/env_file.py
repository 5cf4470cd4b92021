"""Read `.env`: a developer's own variables for the local function, in a file that git ignores."""

import re
from pathlib import Path

# The value ends with the line; a comment behind it needs a space before its #.
_LINE = re.compile(
    r"""(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
        (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<plain>[^\s"'\#][^"']*?)? )
        (?: \s+\#.* )? \s*""",
    re.VERBOSE,
)


class EnvFileError(Exception):
    """The file cannot be used; the message names it, the line and the form."""


def read_env_file(file: Path) -> dict[str, str]:
    """Read the variables of the file; empty if there is no file.

    Raises:
        EnvFileError: if a line is not `NAME=value`, `NAME="value"`, a comment or empty, or a name
            appears twice.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise EnvFileError(f"{file} cannot be read: {error}") from error
    variables: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, value = _read_line(line, f"{file}, line {number}")
            if name in variables:
                raise EnvFileError(f"{file}, line {number}: {name} is set a second time; keep one of the two")
            variables[name] = value
    return variables


def _read_line(line: str, place: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line.strip())
    # The line itself is not shown: it may hold a secret.
    if found is None or "\0" in line:
        raise EnvFileError(f"""{place}: write NAME=value, NAME="value with spaces" or a # comment""")
    return found["name"], next((each for each in found.group("double", "single", "plain") if each is not None), "")
