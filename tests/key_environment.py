"""The room of API keys without WorkOS: an environment whose clock and whose WorkOS a test holds."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from app.auth.api_keys import ApiKey, ApiKeys, KeyUncheckable
from app.auth.refusals import Refusal
from app.auth.session import Session
from tests.issuer import NOW, Clock

T = TypeVar("T")
MEMORY = 60.0
VALUE = "sk_example_of_a_key_1"
KEY = ApiKey(
    id="api_key_01CI",
    owner="organization",
    owner_id="org_01ACME",
    organization_id="org_01ACME",
    permissions=frozenset({"reports:read"}),
    created_at=NOW - 1000,
    expires_at=None,
)


@dataclass
class WorkOS:
    """Knows some keys, and counts what it is asked."""

    keys: dict[str, ApiKey] = field(default_factory=lambda: {VALUE: KEY})
    failure: KeyUncheckable | None = None
    asked: list[str] = field(default_factory=list)

    async def validate(self, value: str) -> ApiKey | None:
        self.asked.append(value)
        await asyncio.sleep(0)  # as a network would, it lets others run
        if self.failure:
            raise self.failure
        return self.keys.get(value)


class Environment:
    """One environment of the function, with a clock that the test holds."""

    def __init__(self, workos: WorkOS | None = None, memory: float = MEMORY) -> None:
        self.workos, self.clock = workos or WorkOS(), Clock()
        self.keys = ApiKeys(self.workos.validate, self.clock, memory)

    def verify(self, value: str = VALUE) -> Session:
        return run(self.keys.verify(value))

    def refuse(self, value: str = VALUE) -> Refusal:
        with pytest.raises(Refusal) as refused:
            self.verify(value)
        return refused.value

    @property
    def requests(self) -> int:
        return len(self.workos.asked)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def unknown(number: int) -> str:
    return f"sk_nobody_has_this_{number:06}"
