"""How much work the arguments of one call may cause while pydantic validates them, and how schemas count it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from mcp_types import INVALID_PARAMS
from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from app.current import Slot
from app.protocol.wire.errors import CallFailed
from app.protocol.wire.message import JsonAllowance

MAX_ATTEMPTS = 750_000
"""Comparisons of a JSON value with a member of a union."""
REPEATED_ATTEMPTS = 45
"""What visiting a union again costs, in comparisons: it happens for each member of a union around it."""
MAX_PROBLEMS = 100
"""After so many problems in trees and unions, each further part reports only its first problem."""
MAX_HOST_CHARACTERS = 300_000
"""In hosts of URLs that are not ASCII, all together: 0.5 us each."""
MAX_PATTERN_CHARACTERS = 500
"""In regular expressions that are compiled, all together: 3 us each, and 1 ms at worst."""
MAX_OPEN_MEMBERS = 20_000
"""Members of other names than the fields', in objects that may contain themselves; all together."""
MAX_DEFAULT_VALUES = 250_000
"""Values that are made for arguments and fields that the caller left out."""

Schema: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Any], Any]
_KNOWN_PROBLEMS = frozenset(get_args(ErrorType))


@dataclass(slots=True)
class ValidationWork:
    """What validating the arguments of one call may still cost."""

    attempts: int = MAX_ATTEMPTS
    problems: int = MAX_PROBLEMS
    host_characters: int = MAX_HOST_CHARACTERS
    pattern_characters: int = MAX_PATTERN_CHARACTERS
    open_members: int = MAX_OPEN_MEMBERS
    default_values: int = MAX_DEFAULT_VALUES
    texts: JsonAllowance = field(default_factory=JsonAllowance)
    seen: set[int] = field(default_factory=set)
    """The ids of objects that a union has visited. None of them is freed before the arguments are validated."""

    def count_union(self, value: Any, members: int) -> None:
        """Count a visit of a union with so many costly members. Raises: CallFailed, over the bound."""
        if id(value) not in self.seen:
            self.seen.add(id(value))
            self._take(members * (1 + len(value)))
            return
        # A union around this one tries its next member, so everything inside is validated again.
        self._take(REPEATED_ATTEMPTS)
        for _ in walk_json(value):
            self._take(members)

    def can_report(self, error: ValidationError) -> bool:
        """Whether all problems of this part may be reported."""
        self.problems -= error.error_count()
        return self.problems >= 0

    def count_host(self, characters: int) -> None:
        """Raises: CallFailed, over the bound."""
        self.host_characters -= characters
        if self.host_characters < 0:
            raise over_bound(f"the hosts of their URLs have more than {MAX_HOST_CHARACTERS:,} characters")

    def count_pattern(self, characters: int) -> None:
        """Raises: CallFailed, over the bound."""
        self.pattern_characters -= characters
        if self.pattern_characters < 0:
            raise over_bound(
                f"their regular expressions have more than {MAX_PATTERN_CHARACTERS:,} characters together"
            )

    def count_members(self, members: int) -> None:
        """Raises: CallFailed, over the bound."""
        self.open_members -= members
        if self.open_members < 0:
            raise over_bound(
                f"objects inside one another have more than {MAX_OPEN_MEMBERS:,} members of other names"
            )

    def count_default(self, values: int) -> None:
        """Raises: CallFailed, over the bound."""
        self.default_values -= values
        if self.default_values < 0:
            raise over_bound(
                f"what they leave out has defaults of more than {MAX_DEFAULT_VALUES:,} values together, "
                "which are made anew for each object"
            )

    def _take(self, attempts: int) -> None:
        self.attempts -= attempts
        if self.attempts < 0:
            raise over_bound(
                "each value is compared with each member of a choice of types, which takes too long for so many "
                "values, or for so many levels of them"
            )


current_work: Slot[ValidationWork] = Slot("validation work")


def walk_json(value: Any) -> Iterator[None]:
    """One step for each JSON value in it, itself included."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield None
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def copy_problem(problem: ErrorDetails) -> InitErrorDetails:
    """The same problem, for a new ValidationError."""
    kind: Any = problem["type"]
    if kind not in _KNOWN_PROBLEMS:  # a PydanticCustomError of the author's
        message: Any = problem["msg"]
        kind = PydanticCustomError(kind, message)
    return {"type": kind, "loc": problem["loc"], "input": problem["input"], "ctx": problem.get("ctx", {})}


def over_bound(reason: str) -> CallFailed:
    """The error for arguments that would take too long; `reason` says which bound they exceed."""
    return CallFailed(INVALID_PARAMS, f"The arguments are more than is read: {reason}.")


def run_before(check: Callable[[Any], Any], schema: Schema) -> Schema:
    """A schema that gives the value to `check`, and then what that returns to `schema`."""
    return _with_function("function-before", check, schema)


def run_around(function: Callable[[Any, Handler], Any], schema: Schema) -> Schema:
    """A schema that gives the value to `function`, together with a handler that validates by `schema`."""
    return _with_function("function-wrap", function, schema)


def _with_function(kind: str, function: Callable[..., Any], schema: Schema) -> Schema:
    # References to the schema have to lead through the function.
    reference = {"ref": schema.pop("ref")} if "ref" in schema else {}
    return {"type": kind, "function": {"type": "no-info", "function": function}, "schema": schema, **reference}
