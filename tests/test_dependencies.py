"""Dependencies as FastAPI's users know them: how often they run, where, and of what they can be part."""

from typing import Any

import pytest

from app import authoring
from app.protocol.catalogue.injection import InjectionPlan, dependency_overrides
from tests.dependency_code import HEAD
from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

COUNTS = """
runs = []

def count(session: CurrentSession) -> int:
    runs.append(session.user_id)
    return len(runs)

def through(number: Annotated[int, Depends(count)]) -> int:
    return number

@dataclass
class Counter:
    start: int
    def __call__(self) -> int:
        runs.append("counter")
        return self.start + len(runs)

COUNTER = Counter(0)

class Service:
    def count(self) -> int:
        runs.append("service")
        return len(runs)

SERVICE = Service()

@tool()
async def one({parameters}) -> str:
    "O."
    return str(({result}, runs))
"""


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (["Depends(count)", "Depends(count)"], (1, 1)),
        (["Depends(count)", "Depends(through)"], (1, 1)),
        (["Depends(count)", "Depends(count, use_cache=False)", "Depends(count)"], (1, 2, 1)),
        (["Depends(count, use_cache=False)", "Depends(count)"], (1, 1)),
        (["Depends(COUNTER)", "Depends(COUNTER)"], (1, 1)),
        (["Depends(SERVICE.count)", "Depends(SERVICE.count)"], (1, 1)),
        (["Depends(SERVICE.count)", "Depends(Service().count)"], (1, 2)),
    ],
)
def test_a_call_runs_each_dependency_once_unless_it_says_otherwise(
    parameters: list[str], expected: tuple[int, ...], write: Write
) -> None:
    written = ", ".join(f"p{number}: Annotated[int, {each}]" for number, each in enumerate(parameters))
    names = "".join(f"p{number}, " for number, _ in enumerate(parameters))
    code = HEAD + COUNTS.replace("{parameters}", written).replace("{result}", f"({names})")
    rig = Rig(tools=write(one=code))

    said = rig.call("one")["structuredContent"]["result"]

    assert said.startswith(str((expected,))[:-2])
    assert eval(said)[1].__len__() == max(expected)  # noqa: S307 - the text is of the tool above
    # The next call runs them again.
    assert rig.call("one")["structuredContent"]["result"].startswith(f"(({max(expected) + 1}, ")


PLACES = """
seen = ContextVar("seen", default="nothing")

def sync_place(session: CurrentSession) -> str:
    return f"{where()} {get_session().user_id == session.user_id}"

async def async_place() -> str:
    seen.set("set by a dependency")
    return where()

class Place:
    def __init__(self) -> None:
        self.place = where()

def sync_generator():
    yield where()

async def async_generator():
    yield where()

@tool()
async def places(
    a: Annotated[str, Depends(sync_place)],
    b: Annotated[str, Depends(async_place)],
    c: Annotated[Place, Depends()],
    d: Annotated[str, Depends(sync_generator)],
    e: Annotated[str, Depends(async_generator)],
) -> list[str]:
    "Say where they ran."
    return [a, b, c.place, d, e, where(), seen.get()]
"""


@pytest.mark.parametrize("version", ERAS)
def test_sync_dependencies_run_in_a_thread_with_the_context_of_their_call(version: str, write: Write) -> None:
    said = Rig(tools=write(places=HEAD + PLACES)).call("places", version=version)["structuredContent"]["result"]

    assert said == ["thread True", "loop", "thread", "thread", "loop", "loop", "set by a dependency"]


CACHED = """
turns = []

async def start() -> None:
    turns.clear()
    asyncio.get_running_loop().call_soon(turns.append, "a turn of the loop")

@functools.cache
def settings() -> str:
    return where()

@functools.cache
def number(limit: int = 3) -> str:
    return where()

@tool()
async def one(start: Annotated[None, Depends(start)], value: Annotated[str, Depends({dependency})]) -> list[str]:
    "O."
    return [value, *turns]
"""


@pytest.mark.parametrize(("dependency", "has_turned"), [("settings", False), ("number", True)])
def test_settings_that_are_cached_take_a_thread_once(dependency: str, has_turned: bool, write: Write) -> None:
    rig = Rig(tools=write(one=HEAD + CACHED.replace("{dependency}", dependency)))
    in_a_thread = ["thread", "a turn of the loop"]

    assert rig.call("one")["structuredContent"] == {"result": in_a_thread}
    assert rig.call("one")["structuredContent"] == {"result": in_a_thread if has_turned else ["thread"]}


@pytest.mark.parametrize("name", [name for name in authoring.__all__ if name.startswith("get_")])
def test_getters_of_this_server_take_no_thread(name: str) -> None:
    assert InjectionPlan.for_function(getattr(authoring, name)).kind in ("ready", "async")


EVERYWHERE = """
events = []

def connection(session: CurrentSession):
    events.append("open")
    try:
        yield session.user_id
    finally:
        events.append("closed")

Connection = Annotated[str, Depends(connection)]

async def may(connection: Connection) -> bool:
    events.append("checked")
    return connection == "user_01ALICE"

def complete(prefix: str, connection: Connection) -> list[str]:
    return [f"{prefix}{connection}"]

@{decorator}
async def one({parameters}connection: Connection) -> str:
    "O."
    events.append("called")
    return connection
"""
USES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("tool", "tool()", "tools/call", {"name": "one", "arguments": {}}),
    ("prompt", "prompt()", "prompts/get", {"name": "one"}),
    ("resource", "resource('x://y')", "resources/read", {"uri": "x://y"}),
]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("use", USES, ids=[use[0] for use in USES])
def test_a_dependency_of_all_that_is_offered_is_closed_after_it(
    use: tuple[str, str, str, dict[str, Any]], version: str, write: Write
) -> None:
    kind, decorator, method, params = use
    code = HEAD + EVERYWHERE.replace("{decorator}", decorator).replace("{parameters}", "")
    package, empty = write(one=code), write()
    offered: Any = {"tools": empty, "prompts": empty, "resources": empty, f"{kind}s": package}

    answer = Rig(**offered).exchange(method, params, version=version)

    assert "user_01ALICE" in answer.text
    assert events_of(package) == ["open", "called", "closed"]


@pytest.mark.parametrize("version", ERAS)
def test_a_dependency_of_a_completion_is_closed_after_it(version: str, write: Write) -> None:
    parameters = "name: Annotated[str, Complete(complete)], "
    code = HEAD + EVERYWHERE.replace("{decorator}", "prompt()").replace("{parameters}", parameters)
    package = write(one=code)
    asked = {"ref": {"type": "ref/prompt", "name": "one"}, "argument": {"name": "name", "value": "to "}}

    answer = Rig(prompts=package).exchange("completion/complete", asked, version=version)

    assert answer.json["result"]["completion"]["values"] == ["to user_01ALICE"]
    assert events_of(package) == ["open", "closed"]


@pytest.mark.parametrize("version", ERAS)
def test_a_dependency_of_a_check_is_closed_before_the_tool_begins(version: str, write: Write) -> None:
    code = HEAD + EVERYWHERE.replace("{parameters}", "").replace(
        "{decorator}", "tool(requires=check(may, needs='luck'))"
    )
    package = write(one=code)
    rig = Rig(tools=package)

    listed = rig.exchange("tools/list", version=version).json["result"]["tools"]
    assert ([each["name"] for each in listed], events_of(package)) == (["one"], [])
    assert rig.call("one", version=version)["structuredContent"] == {"result": "user_01ALICE"}
    assert events_of(package) == ["open", "checked", "closed", "open", "called", "closed"]


def events_of(package: Any) -> list[str]:
    (file,) = (value for name, value in vars(package).items() if name == "one")
    events: list[str] = file.events
    return events


OVERRIDDEN = """
def database() -> str:
    raise RuntimeError("no database here")

def rows(database: Annotated[str, Depends(database)]) -> str:
    return f"rows of {database}"

@tool()
async def one(rows: Annotated[str, Depends(rows)]) -> str:
    "O."
    return rows
"""


def test_another_function_can_take_the_place_of_a_dependency(write: Write) -> None:
    package = write(one=HEAD + OVERRIDDEN)
    Rig(tools=package)

    def replacement() -> str:
        return "a test"

    with dependency_overrides.bound({package.one.database: replacement}):
        rig = Rig(tools=package)

    assert rig.call("one")["structuredContent"] == {"result": "rows of a test"}
    assert Rig(tools=package).call("one")["isError"] is True
