"""Patterns that JavaScript cannot read are refused at the start, with the field and what to write instead."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.protocol.catalogue.definition import CatalogueError
from app.protocol.schemas.pattern_fixes import find_equivalent
from app.protocol.schemas.pattern_problems import find_flags
from app.protocol.schemas.patterns import UnreadablePattern, check_pattern
from tests.packages import Write
from tests.patterns import EQUIVALENTS, READABLE, UNREADABLE
from tests.rig import Rig

HEAD = (
    "import re\nfrom typing import Annotated\nfrom pydantic import BaseModel, ConfigDict, Field\n"
    "from typing_extensions import TypedDict\nfrom app.authoring import tool\n\n\n"
)


@pytest.mark.parametrize("pattern", READABLE)
def test_a_pattern_of_javascripts_grammar_is_read(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", [*UNREADABLE, *EQUIVALENTS])
def test_any_other_pattern_is_not(pattern: str) -> None:
    with pytest.raises(UnreadablePattern):
        check_pattern(pattern)


@pytest.mark.parametrize(("pattern", "written"), EQUIVALENTS.items(), ids=repr)
def test_what_javascript_has_another_word_for_is_written_so(pattern: str, written: str) -> None:
    assert find_equivalent(pattern) == written


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_javascript_has_no_word_for_has_no_equivalent(pattern: str) -> None:
    assert find_equivalent(pattern) is None


SAMPLES = ["", "a", "A", "ab", "aB", "a b", "a\nb", "2026-11", "'x'", "-", "_", "]", "}", "é", "\t", "aaa", "aaaa"]


READ_OTHERWISE = [
    each for each in EQUIVALENTS if "[:" in each or each[:2] in (r"\p", r"\h", r"\x", r"\U") or "(?<" in each
]
"""By Python, which is asked here: in Rust they are what their equivalents are."""


@pytest.mark.parametrize("pattern", [each for each in EQUIVALENTS if each not in READ_OTHERWISE])
def test_an_equivalent_fits_the_same_texts(pattern: str) -> None:
    given, written = re.compile(pattern.replace(r"\z", r"\Z")), re.compile(EQUIVALENTS[pattern])

    assert [bool(given.search(text)) for text in SAMPLES] == [bool(written.search(text)) for text in SAMPLES]


@pytest.mark.parametrize(
    ("types", "signature", "said"),
    [
        (
            "",
            r"a: Annotated[str, Field(pattern='(?P<y>\\d+)')]",
            r"parameters of tool one: .*'\(\?P<y>\\\\d\+\)' of a:",
        ),
        ("", "a: list[Annotated[str, Field(pattern='(?i)x')]]", r"of a\[\]: it has \(\?i\); write '\[Xx\]'"),
        ("", r"a: dict[Annotated[str, Field(pattern='\\Ax')], int]", r"of a\.\*: it has \\A; write '\^x'"),
        ("", "a: Annotated[str, Field(pattern='(?i)x')] | None = None", "of a: "),
        (
            "",
            "a: Annotated[str, Field(pattern=re.compile('x', re.I), alias='b')]",
            "of b: JSON Schema has no place for its ",
        ),
        (
            "class M(BaseModel):\n    x: Annotated[str, Field(pattern='(?m)^x')]\n",
            "a: list[M]",
            r"of a\[\]\.x: it has \(\?m\); w",
        ),
        (
            "class M(BaseModel):\n    x: Annotated[str, Field(pattern='(?i)x')]\n    m: 'list[M]' = []\n",
            "a: M",
            r"of M\.x: it has",
        ),
    ],
)
def test_an_argument_with_one_stops_the_start(types: str, signature: str, said: str, write: Write) -> None:
    code = HEAD + types + f'\n\n@tool()\nasync def one({signature}) -> None:\n    """O."""\n'

    with pytest.raises(CatalogueError, match=rf"one\.py: .*{said}"):
        Rig(tools=write(one=code))


@pytest.mark.parametrize(
    ("types", "returned", "said"),
    [
        (
            "",
            "Annotated[str, Field(pattern='(?P<y>x)')]",
            r"the result of tool one: .* of result: it has \(\?P<y>; write",
        ),
        (
            "class M(TypedDict):\n    x: Annotated[str, Field(pattern=re.compile('x', re.S))]\n",
            "M",
            "of x: JSON Schema has",
        ),
        (
            "class M(BaseModel):\n    x: Annotated[str, Field(pattern='(?i)x')]\n",
            "dict[str, M]",
            r"of \.\*\.x: it has",
        ),
    ],
)
def test_a_result_with_one_stops_the_start(types: str, returned: str, said: str, write: Write) -> None:
    code = HEAD + types + f'\n\n@tool()\nasync def one() -> {returned}:\n    """O."""\n    raise ValueError\n'

    with pytest.raises(CatalogueError, match=rf"one\.py: .*{said}"):
        Rig(tools=write(one=code))


def test_a_schema_of_an_authors_own_is_held_to_it_too(write: Write) -> None:
    own = {"type": "object", "properties": {"b": True, "a": {"type": "string", "pattern": r"\h"}}}
    code = HEAD + f'@tool(input_schema={own!r})\nasync def one(a: str, b: str) -> None:\n    """O."""\n'

    with pytest.raises(CatalogueError, match=r"of a: it has \\h; write '\[ \\\\t\]'"):
        Rig(tools=write(one=code))


def test_so_are_the_patterns_for_keys_in_such_a_schema(write: Write) -> None:
    own = {
        "type": "object",
        "properties": {"a": {"type": "object", "patternProperties": {"(?i)x": {"type": "string"}}}},
    }
    code = HEAD + f'@tool(input_schema={own!r})\nasync def one(a: dict[str, str]) -> None:\n    """O."""\n'

    with pytest.raises(CatalogueError, match=r"of a\.\*: it has \(\?i\)"):
        Rig(tools=write(one=code))


def test_patterns_that_javascript_reads_are_shown_and_checked(write: Write) -> None:
    hint = "Annotated[str, Field(pattern=r'^[A-Z]{2}\\d+$')]"
    rig = Rig(
        tools=write(one=HEAD + f'@tool()\nasync def one(a: {hint}) -> {hint}:\n    """O."""\n    return a\n')
    )
    (tool,) = rig.exchange("tools/list").json["result"]["tools"]

    assert tool["inputSchema"]["properties"]["a"]["pattern"] == r"^[A-Z]{2}\d+$"
    assert rig.call("one", {"a": "AB1"})["structuredContent"] == {"result": "AB1"}
    assert rig.call("one", {"a": "ab1"})["isError"]


def test_flags_are_found_wherever_a_compiled_pattern_stands() -> None:
    held: Any = list[dict[str, re.Pattern[str] | None]]
    adapter = TypeAdapter(held)

    assert find_flags(adapter.core_schema) == {}
    assert find_flags([{"pattern": re.compile("x", re.IGNORECASE | re.DOTALL)}]) == {"x": "is"}
