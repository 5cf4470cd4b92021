"""A token that is fetched while its account ends is not kept."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from workos import AsyncWorkOSClient

from app.workos.pipes import Pipes
from app.workos.token_memory import WhoseAccount
from tests.issuer import Clock

WHOSE = WhoseAccount("github", "user_1", "org_1", "user")


class SlowToDelete:
    """WorkOS while it deletes an account: another call of the user gets its token meanwhile."""

    def __init__(self) -> None:
        self.pipes = Pipes(self.connect, Clock(), "https://mcp.example.com/connected")
        self.questions = 0

    async def connect(self) -> AsyncWorkOSClient:
        return cast("AsyncWorkOSClient", SimpleNamespace(pipes=self))

    async def get_access_token(self, *_: Any, **__: Any) -> Any:
        self.questions += 1
        token = SimpleNamespace(access_token="gho_1", scopes=[], missing_scopes=[], expires_at=None)
        return SimpleNamespace(active=True, error=None, access_token=token)

    async def delete_user_connected_account(self, *_: Any, **__: Any) -> None:
        await self.pipes.find_token(WHOSE, frozenset())


def test_a_token_that_another_call_fetches_during_disconnect_is_not_used_afterwards() -> None:
    workos = SlowToDelete()

    async def scenario() -> None:
        assert await workos.pipes.disconnect(WHOSE)
        await workos.pipes.find_token(WHOSE, frozenset())

    asyncio.run(scenario())
    assert workos.questions == 2
