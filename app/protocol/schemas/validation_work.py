"""What it may still take to validate the arguments of one call, and how a schema gets a function that counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from mcp_types import INVALID_PARAMS
from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from app.current import Slot
from app.protocol.wire.bounds import JsonAllowance
from app.protocol.wire.errors import Failed

MAX_ATTEMPTS = 750_000
"""Comparisons of a JSON value with a member of a choice of types."""
REPEATED_ATTEMPTS = 45
"""Comparisons that take as long as one more visit of a choice, for the next member of a choice around it."""
MAX_PROBLEMS = 100
"""After so many problems in trees and choices, each further part of them tells its first problem alone."""
MAX_HOST_CHARACTERS = 300_000
"""In the hosts of URLs that are not plain ASCII: 0.5 us each."""
MAX_PATTERN_CHARACTERS = 500
"""In all regular expressions together that are compiled: 3 us each, and 1 ms in the worst of them."""
MAX_OPEN_MEMBERS = 20_000
"""Of all objects whose members of any name may be such objects again."""
MAX_DEFAULT_VALUES = 250_000
"""Values that are made anew because the caller left them out."""

Schema: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Any], Any]
_KNOWN_PROBLEMS = frozenset(get_args(ErrorType))


@dataclass(slots=True)
class Work:
    """What it may still take to validate the arguments of one call."""

    attempts: int = MAX_ATTEMPTS
    problems: int = MAX_PROBLEMS
    host_characters: int = MAX_HOST_CHARACTERS
    pattern_characters: int = MAX_PATTERN_CHARACTERS
    open_members: int = MAX_OPEN_MEMBERS
    default_values: int = MAX_DEFAULT_VALUES
    texts: JsonAllowance = field(default_factory=JsonAllowance)
    seen: set[int] = field(default_factory=set)
    """Which objects a choice was compared with: they stay where they are until the arguments are validated."""

    def spend(self, value: Any, members: int) -> None:
        """Raises: Failed, once it is too much."""
        if id(value) not in self.seen:
            self.seen.add(id(value))
            self._take(members * (1 + len(value)))
            return
        # Another member of a choice around this one leads here, and all that is in it is validated again.
        self._take(REPEATED_ATTEMPTS)
        for _ in values_in(value):
            self._take(members)

    def can_tell(self, error: ValidationError) -> bool:
        """Whether all that is wrong there can be told."""
        self.problems -= error.error_count()
        return self.problems >= 0

    def read_host(self, characters: int) -> None:
        """Raises: Failed, once it is too much."""
        self.host_characters -= characters
        if self.host_characters < 0:
            raise too_much(f"the hosts of their URLs have more than {MAX_HOST_CHARACTERS:,} characters")

    def compile_pattern(self, characters: int) -> None:
        """Raises: Failed, once it is too much."""
        self.pattern_characters -= characters
        if self.pattern_characters < 0:
            raise too_much(
                f"their regular expressions have more than {MAX_PATTERN_CHARACTERS:,} characters together"
            )

    def read_members(self, members: int) -> None:
        """Raises: Failed, once it is too much."""
        self.open_members -= members
        if self.open_members < 0:
            raise too_much(
                f"objects inside one another have more than {MAX_OPEN_MEMBERS:,} members of other names"
            )

    def make_default(self, values: int) -> None:
        """Raises: Failed, once it is too much."""
        self.default_values -= values
        if self.default_values < 0:
            raise too_much(
                f"what they leave out has defaults of more than {MAX_DEFAULT_VALUES:,} values together, "
                "which are made anew for each object"
            )

    def _take(self, attempts: int) -> None:
        self.attempts -= attempts
        if self.attempts < 0:
            raise too_much(
                "each value is compared with each member of a choice of types, which takes too long for so many "
                "values, or for so many levels of them"
            )


current_work: Slot[Work] = Slot("validation work")


def values_in(value: Any) -> Iterator[None]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield None
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def detail_of(problem: ErrorDetails) -> InitErrorDetails:
    kind: Any = problem["type"]
    if kind not in _KNOWN_PROBLEMS:  # an author's own
        message: Any = problem["msg"]
        kind = PydanticCustomError(kind, message)
    return {"type": kind, "loc": problem["loc"], "input": problem["input"], "ctx": problem.get("ctx", {})}


def too_much(reason: str) -> Failed:
    return Failed(INVALID_PARAMS, f"The arguments are more than is read: {reason}.")


def before(check: Callable[[Any], Any], schema: Schema) -> Schema:
    """`check` sees the value before `schema` does."""
    return _with_function("function-before", check, schema)


def around(function: Callable[[Any, Handler], Any], schema: Schema) -> Schema:
    return _with_function("function-wrap", function, schema)


def _with_function(kind: str, function: Callable[..., Any], schema: Schema) -> Schema:
    # What refers to the schema has to come through the function.
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    return {"type": kind, "function": {"type": "no-info", "function": function}, "schema": schema, **reference}
