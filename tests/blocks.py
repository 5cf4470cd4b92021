"""The fenced code blocks of a Markdown file."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(language: str, file: str = "README.md") -> list[str]:
    text = ROOT.joinpath(file).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def script(name: str, file: str = "README.md") -> str:
    """The Python block whose first line is its file's name."""
    (code,) = (each for each in blocks("python", file) if each.startswith(f"# {name}\n"))
    return code
