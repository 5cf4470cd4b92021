"""Write a new tool, prompt or resource to start from, and its test: `python -m infra.local.new tool NAME`.

NAME may be written with dashes, spaces or capitals: the function and its file get the name that Python uses.
"""

import keyword
import re
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_APP = _ROOT / "app"
_TESTS = _ROOT / "tests" / "mine"
_TEMPLATES = {
    "tool": '''\
"""{title}."""

from app.authoring import tool


@tool(title="{title}")
async def {name}(text: str) -> str:
    """Say what the tool does: the model reads this line to decide when to call it."""
    return text
''',
    "prompt": '''\
"""{title}."""

from app.authoring import prompt


@prompt(title="{title}")
async def {name}(topic: str) -> str:
    """Say what the prompt is for: people read this line when they choose it."""
    return f"Let us talk about {{topic}}."
''',
    "resource": '''\
"""{title}."""

from app.authoring import resource


@resource("{slug}://{{name}}", title="{title}", mime_type="text/markdown")
async def {name}(name: str) -> str:
    """Say what is in it: clients show this line beside its title."""
    return f"# {{name}}"
''',
}
_TESTS_OF = {
    "tool": '''\
"""{title}, as callers meet it. docs/testing.md says what else a test can do."""

from app.authoring.testing import CallAs, as_user


def test_a_person_sees_and_calls_it(call_as: CallAs) -> None:
    caller = call_as(as_user())

    assert "{name}" in caller.tools()
    assert caller.call("{name}", text="a text") == "a text"
''',
    "prompt": '''\
"""{title}, as callers meet it. docs/testing.md says what else a test can do."""

from app.authoring.testing import CallAs, as_user


def test_a_person_sees_and_gets_it(call_as: CallAs) -> None:
    caller = call_as(as_user())

    assert "{name}" in caller.prompts()
    assert caller.prompt("{name}", topic="tea") == ["Let us talk about tea."]
''',
    "resource": '''\
"""{title}, as callers meet it. docs/testing.md says what else a test can do."""

from app.authoring.testing import CallAs, as_user


def test_a_person_sees_and_reads_it(call_as: CallAs) -> None:
    caller = call_as(as_user())

    assert "{slug}://{{name}}" in caller.resources()
    assert caller.read("{slug}://start") == "# start"
''',
}
_EXAMPLES = {"tool": "list_orders", "prompt": "plan_my_day", "resource": "handbook"}


class NameRefused(Exception):
    """Nothing was written; the message says why."""


def as_function_name(name: str) -> str:
    """`search-orders`, `Search orders` and `SearchOrders` as a function is named: `search_orders`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[ -]+", "_", words).lower()


def write_new(kind: str, name: str, app: Path = _APP) -> Path:
    """The new file, in the folder of its kind, named as a function is.

    Raises:
        NameRefused: if the name is not a usable one, or is taken.
    """
    name = as_function_name(name)
    if keyword.iskeyword(name):
        raise NameRefused(f"{name!r} is a Python keyword and cannot name a function; try {name}_something")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise NameRefused(
            f"{name!r} cannot name a {kind}; use lower-case letters, digits and _, such as {_EXAMPLES[kind]}"
        )
    file = app / f"{kind}s" / f"{name}.py"
    if not _write(file, _TEMPLATES[kind]):
        raise NameRefused(f"app/{kind}s/{file.name} exists already; choose another name")
    return file


def write_test(kind: str, name: str, tests: Path = _TESTS) -> Path | None:
    """The new test of what `write_new` wrote; None if there is one already, which stays as it is."""
    tests.mkdir(parents=True, exist_ok=True)
    file = tests / f"test_{name}.py"
    return file if _write(file, _TESTS_OF[kind], name) else None


def _write(file: Path, template: str, name: str = "") -> bool:
    """Write a file, and return whether it is new: an existing one is never changed."""
    name = name or file.stem
    title, slug = name.replace("_", " ").strip().capitalize(), name.replace("_", "-").strip("-")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(template.format(name=name, title=title, slug=slug))
    except FileExistsError:
        return False
    return True


def main(arguments: list[str], app: Path = _APP, tests: Path = _TESTS) -> int:
    kind, *names = arguments
    if len(names) != 1 or not names[0]:
        print(f"usage: make new-{kind} NAME={_EXAMPLES[kind]}", file=sys.stderr)
        return 2
    try:
        file = write_new(kind, names[0], app)
    except NameRefused as error:
        print(error, file=sys.stderr)
        return 1
    test = write_test(kind, file.stem, tests)
    beside = f", and its test tests/mine/{test.name}" if test else ""
    print(f"app/{kind}s/{file.name} is written{beside}; `make dev` serves it as soon as it is saved")
    if file.stem != names[0]:
        print(f"{names[0]!r} became {file.stem}, because the name is that of a Python function too")
    if test:
        print(f"Run its test: .venv/bin/python -m pytest tests/mine/{test.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
