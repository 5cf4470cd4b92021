"""The errors of the durable API, with the names that boto3 makes exceptions of."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """An answer other than success; `code` is the name of the error in the AWS API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class InvalidParameter(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(400, "InvalidParameterValueException", message)


class NotFound(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(404, "ResourceNotFoundException", message)


class TooLarge(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(413, "RequestTooLargeException", message)


class AlreadyStarted(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(409, "DurableExecutionAlreadyStartedException", message)


class CallbackOver(ApiError):
    def __init__(self, message: str) -> None:
        super().__init__(400, "CallbackTimeoutException", message)


ErrorObject = Mapping[str, Any]
"""ErrorType, ErrorMessage, ErrorData, StackTrace: what an operation or an execution failed with."""


def make_error(kind: str, message: str) -> dict[str, str]:
    return {"ErrorType": kind, "ErrorMessage": message}
