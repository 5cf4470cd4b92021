"""The tools of the packages, as source text: the one that is called, and any number that stand beside it."""

ECHO = '''"""The tool that is measured: it does nothing, so what is seen is the server."""

from app.authoring import anyone
from app.authoring import tool


@tool(title="Echo", read_only=True, requires=anyone())
async def echo(text: str) -> str:
    """Say it back."""
    return text
'''
_BODY = '''def look_up_{number}(title: str, year: int, pages: int = 1, exact: bool = False) -> str:
    """Find record {number} of the archive.

    Args:
        title: what it is called
        year: when it was written
        pages: how many pages to show
        exact: whether the title must be the same letter by letter
    """
    return f"{{title}} of {{year}}, {{pages}} pages, {{exact}}"
'''
_OURS = '''"""One of many."""

from app.authoring import anyone
from app.authoring import tool


@tool(title="Look up", read_only=True, requires=anyone())
async '''


def files(count: int) -> dict[str, str]:
    """For app/tools: a file for each tool, as it is written there."""
    return {f"look_up_{number}.py": _OURS + _BODY.format(number=number) for number in range(count)}


def module(count: int, *, awaited: bool) -> str:
    """In the place of subjects/many.py: a list of functions that the server registers."""
    start = "async " if awaited else ""
    functions = [start + _BODY.format(number=number) for number in range(count)]
    names = "".join(f"    look_up_{number},\n" for number in range(count))
    return "\n\n".join(['"""Many tools."""', *functions, f"TOOLS = [\n{names}]\n"])
