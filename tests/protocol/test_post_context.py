"""What the SDK's own Context sends goes by the same rules as what `CurrentCall` does."""

import asyncio
import json
from typing import Any

from app.protocol.wire.message import RpcRequest
from app.protocol.wire.notifications import PostContext

CALLED = RpcRequest(1, "tools/call", {"name": "t"})


def sent(method: str, params: dict[str, Any] | None) -> list[Any]:
    exchange = PostContext.for_request(CALLED, "info")
    asyncio.run(exchange.notify(method, params))
    return [json.loads(text) for text in exchange.notifications.close()]


def test_a_log_message_below_the_clients_level_is_not_sent() -> None:
    assert sent("notifications/message", {"level": "debug", "data": "quiet"}) == []
    (said,) = sent("notifications/message", {"level": "error", "data": "loud", "logger": "mine"})
    assert said["params"] == {"level": "error", "data": "loud", "logger": "mine"}


def test_any_other_notification_is_sent_as_it_is() -> None:
    (said,) = sent("notifications/resources/updated", {"uri": "server://about"})

    assert (said["method"], said["params"]) == ("notifications/resources/updated", {"uri": "server://about"})


def test_there_is_no_way_by_which_a_client_could_cancel() -> None:
    async def is_set() -> bool:
        return PostContext.for_request(CALLED, None).cancel_requested.is_set()

    assert asyncio.run(is_set()) is False
