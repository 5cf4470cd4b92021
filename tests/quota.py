"""Callers of whom a quota knows enough, and a table that counts in memory."""

import asyncio
from dataclasses import dataclass, field

from app.access.quota import TableUnavailable
from app.authoring import Session


def caller(
    user_id: str = "user_01ALICE", organization_id: str | None = "org_01ACME", *, is_machine: bool = False
) -> Session:
    return Session(
        user_id=user_id,
        session_id=None,
        organization_id=organization_id,
        role=None,
        roles=(),
        permissions=frozenset(),
        feature_flags=frozenset(),
        scopes=frozenset(),
        client_id=user_id if is_machine else "client_01CURSOR",
        token_id="01TOKEN",
        issued_at=0,
        expires_at=0,
        is_machine=is_machine,
        claims={},
    )


@dataclass
class MemoryTable:
    """Stands where DynamoDB would be, for as many environments as a test makes."""

    calls: dict[str, int] = field(default_factory=dict)
    expires_at: dict[str, int] = field(default_factory=dict)
    trouble: str | None = None
    asked: list[str] = field(default_factory=list)

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        self.asked.append(key)
        await asyncio.sleep(0)  # as a network would, it lets others run
        if self.trouble:
            raise TableUnavailable(self.trouble)
        if self.calls.get(key, 0) >= limit:
            return False
        self.calls[key] = self.calls.get(key, 0) + 1
        self.expires_at[key] = expires_at
        return True
