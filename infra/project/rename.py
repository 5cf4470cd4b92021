"""Give the project another name, in the four files that carry one.

All other names come from these four: the function, its log groups, the paths in SSM and the namespace of the
metrics from AppName in samconfig.toml, what clients and log lines show from app/identity.py. Upstream does not
change these lines, so the next version of the template merges without a conflict.
"""

import re
from dataclasses import dataclass
from pathlib import Path

IDENTITY, STAGES, PROJECT, README = "app/identity.py", "samconfig.toml", "pyproject.toml", "README.md"
_TEMPLATE_TITLE = "WorkOS MCP on Lambda"
_ACRONYMS = {"ai", "api", "aws", "crm", "hr", "mcp"}


class RenameRefused(Exception):
    """Nothing was written; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line as it is after the change."""

    file: str
    number: int
    text: str


def check_name(name: str) -> str:
    """Return the name if everything that is called after it can have it.

    AppName in template.yaml sets the length: with the longest stage it makes a function's name, which has at most
    64 characters (Lambda API reference, CreateFunction). SSM reserves names that begin with aws or ssm. A Python
    project's name ends with a letter or a digit (PEP 508).

    Raises:
        RenameRefused: saying the rule.
    """
    if not re.fullmatch(r"(?!aws|ssm)[a-z][a-z0-9-]{0,38}[a-z0-9]", name):
        given = f"NAME is {name!r}" if name else "NAME is not set"
        raise RenameRefused(
            f"{given}: give 2 to 40 lower-case letters, digits and hyphens, a letter first, a letter or a digit "
            "last, and not aws or ssm first, which AWS reserves. For example: make init NAME=acme-tools"
        )
    return name


def guess_title(name: str) -> str:
    """`acme-mcp` is Acme MCP to people."""
    words = [word for word in name.split("-") if word]
    return " ".join(word.upper() if word in _ACRONYMS else word.capitalize() for word in words)


@dataclass(frozen=True, slots=True)
class Rename:
    """What a new name changes. Nothing is written before `write`."""

    root: Path
    old: str
    name: str
    lines: list[ChangedLine]
    """None if the project has this name already."""
    _texts: dict[str, str]

    @classmethod
    def plan(cls, root: Path, name: str) -> "Rename":
        """Read the files. A title and a stack's name that somebody chose by hand stay as they are.

        Raises:
            RenameRefused: the name cannot be used, or a file has no line for it.
        """
        check_name(name)
        before = {file: _read(root, file) for file in (IDENTITY, STAGES, PROJECT, README)}
        old = _find(before[IDENTITY], r'^    name="([^"]*)",$', IDENTITY, 'name="..."')
        after = {
            IDENTITY: _rename_identity(before[IDENTITY], old, name),
            STAGES: _rename_stages(before[STAGES], name),
            PROJECT: _rename_project(before[PROJECT], name),
            README: _rename_readme(before[README], old, name),
        }
        lines = [line for file in before for line in _compare(file, before[file], after[file])]
        return cls(root, old, name, lines, {line.file: after[line.file] for line in lines})

    def write(self) -> None:
        """Write the identity last: `plan` reads the old name there, so after a failure it finds what is left."""
        for file in sorted(self._texts, key=IDENTITY.__eq__):
            (self.root / file).write_text(self._texts[file], encoding="utf-8")


def _rename_identity(text: str, old: str, name: str) -> str:
    text = re.sub(r'^    name="[^"]*",$', f'    name="{name}",', text, count=1, flags=re.MULTILINE)
    for guessed in (_TEMPLATE_TITLE, guess_title(old)):
        text = text.replace(f'    title="{guessed}",\n', f'    title="{guess_title(name)}",\n', 1)
    return text


def _rename_stages(text: str, name: str) -> str:
    old = _find(text, r'"AppName=([a-z0-9-]+)"', STAGES, '"AppName=..." in parameter_overrides')
    text = text.replace(f'"AppName={old}"', f'"AppName={name}"').replace(f'"app={old}"', f'"app={name}"')
    stacks = rf'^(stack_name|s3_prefix) = "{re.escape(old)}-([a-z0-9-]+)"$'
    return re.sub(stacks, rf'\1 = "{name}-\2"', text, flags=re.MULTILINE)


def _rename_project(text: str, name: str) -> str:
    line = r'^name = "([^"]*)"$'
    _find(text, line, PROJECT, 'name = "..." in [project]')
    return re.sub(line, f'name = "{name}"', text, count=1, flags=re.MULTILINE)


def _rename_readme(text: str, old: str, name: str) -> str:
    first, line_break, rest = text.partition("\n")
    return f"# {name}{line_break}{rest}" if first == f"# {old}" else text


def _read(root: Path, file: str) -> str:
    try:
        return (root / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RenameRefused(f"{file} cannot be read: {error}") from None


def _find(text: str, pattern: str, file: str, shown: str) -> str:
    found = re.search(pattern, text, flags=re.MULTILINE)
    if found is None:
        raise RenameRefused(f"{file} has no line {shown}: write one, as the template has it, and run this again")
    return found[1]


def _compare(file: str, before: str, after: str) -> list[ChangedLine]:
    # A rename adds and removes no line.
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    return [ChangedLine(file, number, new.strip()) for number, (old, new) in enumerate(lines, 1) if old != new]
