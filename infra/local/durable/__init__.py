"""Lambda's durable executions for `make dev`: the same API on loopback, for the same worker handler.

An execution is a file under .local, so it survives a restart of `make dev`.
"""

from infra.local.durable.clock import Clock
from infra.local.durable.limits import EngineLimits
from infra.local.durable.server import WORKER_FUNCTION, WorkServer, create_work_server

__all__ = ["WORKER_FUNCTION", "Clock", "EngineLimits", "WorkServer", "create_work_server"]
