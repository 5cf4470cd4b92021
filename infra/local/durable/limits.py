"""The limits of durable executions, as Lambda has them."""

from dataclasses import dataclass

MAX_EVENT_BYTES = 1024 * 1024
"""The payload of an asynchronous invocation (Invoke, in botocore's model of the API)."""
MAX_OPERATION_BYTES = 6 * 1024 * 1024
"""A payload, result or input in the state of an execution (OperationPayload, in botocore's model)."""
MAX_CALLBACK_BYTES = 1024 * 1024
"""What a callback is answered with (BinaryOperationPayload, in botocore's model)."""
MAX_PAGE_BYTES = 5 * 1024 * 1024
"""The operations that an invocation's event has; the handler fetches the others. AWS's own emulator has the same
limit."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """All times are in seconds."""

    execution: float = 24 * 3600.0
    """DurableConfig's ExecutionTimeout."""
    retention: float = 7 * 24 * 3600.0
    """How long an execution that has ended can be asked for."""
    invocation: float = 900.0
    """The worker's Timeout: for one invocation, of which an execution may have many."""
    start: float = 30.0
    """For the import of the worker."""
    failed_invocations: int = 5
    """In a row, until the execution fails. AWS publishes no number; its own emulator has this one."""
    retry: float = 5.0
    """Between two of them, as in AWS's emulator."""
    environments: int = 4
    """Processes at the same time."""
