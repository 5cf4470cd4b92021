"""Work whose caller cannot be decided about: nobody gets its result, and nobody hears that it is gone."""

from typing import Any

import pytest

from app.access.cache import CACHE_SECONDS
from tests.access.world import ADA, ENGINES
from tests.issuer import ABSENT
from tests.tasks.callers import Callers


@pytest.mark.broad
def test_what_nobody_can_decide_is_neither_shown_nor_gone() -> None:
    callers = Callers.start()
    claims: dict[str, Any] = {"sub": ADA, "org_id": ENGINES}
    allowed = callers.server.issuer.token(**claims, permissions=["reports:write"])
    task_id = callers.server.begin("write_report", token=allowed)["taskId"]
    callers.server.engine.advance(CACHE_SECONDS + 1)
    unknown = callers.server.issuer.token(**claims, permissions=ABSENT)
    callers.api.instead["/"] = (500, {})

    answer = callers.server.ask("tasks/get", task_id, token=unknown)
    # Not -32602, which says that there is no such task (SEP-2663, Protocol Errors).
    assert answer.json["error"]["code"] == -32603
    assert "This is temporary" in answer.json["error"]["message"]
    assert callers.server.ask("tasks/cancel", task_id, token=unknown).status == 200
    callers.api.instead.clear()
    callers.server.engine.advance(CACHE_SECONDS + 1)
    again = callers.server.issuer.token(**claims, permissions=ABSENT)
    assert callers.server.get(task_id, token=again)["status"] == "completed"
