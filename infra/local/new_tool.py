"""Write a new tool to start from: `python -m infra.local.new_tool NAME`."""

import keyword
import re
import sys
from pathlib import Path

_TOOLS = Path(__file__).parents[2] / "app" / "tools"
_TEMPLATE = '''\
"""{title}."""

from app.tool import tool


@tool(title="{title}", read_only=True)
async def {name}(text: str) -> str:
    """Say what the tool does: the model reads this line to decide when to call it."""
    return text
'''


class ToolRefused(Exception):
    """No tool was written; the message says why."""


def write_tool(name: str, folder: Path = _TOOLS) -> Path:
    """The new file.

    Raises:
        ToolRefused: if the name is not a usable one, or is taken.
    """
    if keyword.iskeyword(name):
        raise ToolRefused(f"{name!r} is a Python keyword and cannot name a function; try {name}_something")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise ToolRefused(f"{name!r} is no tool name; use lower-case letters, digits and _, such as list_orders")
    file = folder / f"{name}.py"
    title = name.replace("_", " ").strip().capitalize()
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(_TEMPLATE.format(name=name, title=title))
    except FileExistsError:
        raise ToolRefused(f"app/tools/{file.name} exists already; choose another name") from None
    return file


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0]:
        print("usage: make new-tool NAME=list_orders", file=sys.stderr)
        return 2
    try:
        file = write_tool(arguments[0])
    except ToolRefused as error:
        print(error, file=sys.stderr)
        return 1
    print(f"app/tools/{file.name} is written; `make dev` serves it as soon as it is saved")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
