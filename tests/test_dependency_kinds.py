"""What can be a dependency: everything that FastAPI's users know as one."""

import pytest

from tests.dependency_code import HEAD
from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

KINDS = """
class Pagination:
    def __init__(self, session: CurrentSession, limit: int = 10) -> None:
        self.text = f"{limit} of {session.user_id}"

@dataclass
class Filter:
    user: Annotated[str, Depends(who)]
    limit: int = 3

class Repository(Generic[T]):
    def __init__(self, session: CurrentSession) -> None:
        self.user = session.user_id

@dataclass
class Greeter:
    word: str
    known: list[str] = field(default_factory=list)
    def __call__(self, session: CurrentSession) -> str:
        return f"{self.word} {session.user_id}"
    def shout(self, session: CurrentSession) -> str:
        return f"{self.word.upper()} {session.user_id}"
    async def whisper(self, session: CurrentSession) -> str:
        return f"({session.user_id})"

class Waiter:
    async def __call__(self, *args: int, **kwargs: int) -> str:
        return f"waited {args} {kwargs}"

async def join(session: CurrentSession, word: str) -> str:
    return f"{word} {session.user_id}"

def logged(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)
    return wrapper

@logged
async def wrapped(session: CurrentSession) -> str:
    return session.user_id

@logged
def wrapped_generator(session: CurrentSession):
    yield session.user_id

@logged
async def wrapped_async_generator(session: CurrentSession):
    yield session.user_id

@contextmanager
def manager():
    yield "inside"

def numbers():
    return (each for each in (1, 2))

def defaults(number: int = 3) -> int:
    return number

@tool()
async def one({parameter}) -> str:
    "O."
    return str({result})
"""


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("parameter", "result", "expected"),
    [
        ("value: Annotated[Pagination, Depends(Pagination)]", "value.text", "10 of user_01ALICE"),
        ("value: Annotated[Pagination, Depends()]", "value.text", "10 of user_01ALICE"),
        ("value: Pagination = Depends()", "value.text", "10 of user_01ALICE"),
        ("value: Annotated[Filter, Depends()]", "(value.user, value.limit)", "('user_01ALICE', 3)"),
        ("value: Annotated[Repository[int], Depends()]", "value.user", "user_01ALICE"),
        ("value: Annotated[str, Depends(Greeter('Hi'))]", "value", "Hi user_01ALICE"),
        ("value: Annotated[str, Depends(Greeter('Hi').shout)]", "value", "HI user_01ALICE"),
        ("value: Annotated[str, Depends(Greeter('Hi').whisper)]", "value", "(user_01ALICE)"),
        ("value: Annotated[str, Depends(Waiter())]", "value", "waited () {}"),
        ("value: Annotated[str, Depends(partial(join, word='Hi'))]", "value", "Hi user_01ALICE"),
        ("value: Annotated[str, Depends(partial(Greeter('Hi')))]", "value", "Hi user_01ALICE"),
        ("value: Annotated[str, Depends(wrapped)]", "value", "user_01ALICE"),
        ("value: Annotated[str, Depends(wrapped_generator)]", "value", "user_01ALICE"),
        ("value: Annotated[str, Depends(wrapped_async_generator)]", "value", "user_01ALICE"),
        ("value: Annotated[Any, Depends(manager)]", "type(value).__name__", "_GeneratorContextManager"),
        ("value: Annotated[Any, Depends(numbers)]", "list(value)", "[1, 2]"),
        ("value: Annotated[int, Depends(defaults)]", "value", "3"),
        ("value: Annotated[str, Depends(who, scope='request', max_concurrency=1)]", "value", "user_01ALICE"),
    ],
)
def test_what_can_be_called_can_be_a_dependency(
    parameter: str, result: str, expected: str, version: str, write: Write
) -> None:
    code = HEAD + KINDS.replace("{parameter}", parameter).replace("{result}", result)
    rig = Rig(tools=write(one=code))

    (listed,) = rig.exchange("tools/list", version=version).json["result"]["tools"]

    assert listed["inputSchema"].get("properties", {}) == {}
    assert rig.call("one", version=version)["structuredContent"] == {"result": expected}
