"""Lists: pages of what a caller may see, and nothing that depends on who asked before."""

from typing import Any

import pytest

from tests.packages import Write
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

TOOL = '''from app.authoring import permission
from app.authoring import tool

@tool({requires})
async def {name}() -> str:
    """Do it."""
    return "done"
'''
PROMPT = TOOL.replace("tool", "prompt")
RESOURCE = (
    PROMPT.replace("app.authoring.prompt", "app.authoring.resource")
    .replace("prompt", "resource")
    .replace("({requires})", '("x://{name}", {requires})')
)
TEMPLATE = RESOURCE.replace("x://{name}", "x://{name}/{{item}}").replace("{name}()", "{name}(item: str)")
LISTS = {
    "tools/list": ("tools", TOOL),
    "prompts/list": ("prompts", PROMPT),
    "resources/list": ("resources", RESOURCE),
    "resources/templates/list": ("resourceTemplates", TEMPLATE),
}
NAMES = ["apple", "banana", "cherry", "damson", "elder"]


@pytest.fixture(params=LISTS)
def method(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def serving(method: str, write: Write, page_size: int = 2, guarded: str = "banana") -> Rig:
    """Five of what the method lists; one of them needs a permission."""
    text = LISTS[method][1]
    requires = {name: 'requires=permission("all:read")' if name == guarded else "" for name in NAMES}
    package = write(**{name: text.format(name=name, requires=requires[name]) for name in NAMES})
    folders: Any = {method.partition("/")[0]: package}
    return Rig(page_size=page_size, **folders)


def page(rig: Rig, method: str, cursor: str | None = None, version: str = MODERN, **claims: Any) -> Answer:
    token = rig.issuer.token(**{"permissions": ["all:read"], **claims})
    params = {} if cursor is None else {"cursor": cursor}
    return rig.exchange(method, params, version=version, token=token)


def pages(rig: Rig, method: str, version: str = MODERN, **claims: Any) -> list[list[str]]:
    found, cursor = [], None
    while True:
        result = page(rig, method, cursor, version, **claims).json["result"]
        found.append([each["name"] for each in result[LISTS[method][0]]])
        if (cursor := result.get("nextCursor")) is None:
            return found


@pytest.mark.parametrize("version", ERAS)
def test_a_long_list_comes_in_pages_in_order_of_the_names(version: str, method: str, write: Write) -> None:
    rig = serving(method, write)

    assert pages(rig, method, version) == [["apple", "banana"], ["cherry", "damson"], ["elder"]]


@pytest.mark.parametrize("version", ERAS)
def test_a_list_shows_each_caller_their_own(version: str, method: str, write: Write) -> None:
    rig = serving(method, write)

    for _ in range(2):
        assert pages(rig, method, version, permissions=[]) == [["apple", "cherry"], ["damson", "elder"]]
        assert pages(rig, method, version)[0] == ["apple", "banana"]


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 400)])
def test_a_cursor_of_another_list_is_an_error_and_no_page_with_gaps(
    version: str, status: int, method: str, write: Write
) -> None:
    rig = serving(method, write)
    cursor = page(rig, method).json["result"]["nextCursor"]

    for answer in (
        page(rig, method, "made up", version),
        page(rig, method, "", version),
        page(rig, method, cursor, version, permissions=[]),
        page(serving(method, write, page_size=3), method, cursor, version),
    ):
        assert (answer.status, answer.json["error"]["code"]) == (status, -32602)
        assert answer.json["error"]["message"].endswith("Begin without a cursor.")
    assert page(rig, method, cursor, version).status == 200


def test_a_cursor_holds_in_every_environment(write: Write) -> None:
    one, other = serving("tools/list", write), serving("tools/list", write)

    cursor = page(one, "tools/list").json["result"]["nextCursor"]

    assert page(other, "tools/list", cursor).json["result"]["tools"][0]["name"] == "cherry"


def test_a_cursor_of_one_kind_is_none_of_another(write: Write) -> None:
    text = {name: LISTS["prompts/list"][1].format(name=name, requires="") for name in NAMES}
    tools = {name: LISTS["tools/list"][1].format(name=name, requires="") for name in NAMES}
    rig = Rig(tools=write(**tools), prompts=write(**text), page_size=2)

    cursor = page(rig, "tools/list").json["result"]["nextCursor"]

    assert page(rig, "prompts/list", cursor).status == 400


def test_a_list_whose_everything_is_hidden_is_empty(write: Write) -> None:
    package = write(apple=PROMPT.format(name="apple", requires='requires=permission("all:read")'))

    result = page(Rig(prompts=package), "prompts/list", permissions=[]).json["result"]

    assert result["prompts"] == []
    assert "nextCursor" not in result


def test_a_list_holds_no_longer_than_the_login(method: str, write: Write) -> None:
    rig = serving(method, write)

    result = page(rig, method, exp=rig.issuer.clock.now + 30).json["result"]

    assert (result["ttlMs"], result["cacheScope"]) == (30_000, "private")
