"""The quota's counts in DynamoDB: one conditional update per count. The first count imports boto3."""

import asyncio
import threading
from typing import Any

from app.access.quota import TableUnavailable
from app.runtime.threads import in_server_thread

MAX_COUNT_SECONDS = 1.0
"""What one count may take. A call needs two at most, for user and organisation: its caller waits up to 2 s."""

_LIMIT_REACHED = "ConditionalCheckFailedException"
_CAUSES = {
    "ResourceNotFoundException": "missing",
    "AccessDeniedException": "denied",
    "ProvisionedThroughputExceededException": "throttled",
    "RequestLimitExceeded": "throttled",
    "ThrottlingException": "throttled",
}


class DynamoTable:
    """A table whose partition key is the string `subject`."""

    def __init__(self, name: str, max_seconds: float = MAX_COUNT_SECONDS) -> None:
        self._name = name
        self._max_seconds = max_seconds
        self._client: Any = None
        self._connecting = threading.Lock()

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        """Count one call (see CallTable.count)."""
        try:
            # boto3 blocks, so it runs in a thread that belongs to the server: no tool can occupy it.
            if self._client is None:
                # No time limit: this imports boto3 and uses no network.
                await in_server_thread(self._connect)
            async with asyncio.timeout(self._max_seconds):
                return await in_server_thread(self._count, key, limit, expires_at)
        except TableUnavailable:
            raise
        except Exception as error:  # botocore fails in many ways if an answer is not DynamoDB's
            raise TableUnavailable("unreachable") from error

    def _connect(self) -> None:
        import boto3
        from botocore.config import Config

        # Two attempts fit into the limit, even if the first one gets no answer.
        attempt_seconds = self._max_seconds * 0.45
        retries = {"total_max_attempts": 2, "mode": "standard"}
        config = Config(connect_timeout=attempt_seconds, read_timeout=attempt_seconds, retries=retries)
        with self._connecting:
            if self._client is None:
                # A session of our own: boto3's default session is not safe for several threads.
                self._client = boto3.session.Session().client("dynamodb", config=config)

    def _count(self, key: str, limit: int, expires_at: int) -> bool:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key={"subject": {"S": key}},
                UpdateExpression="SET expires_at = :expires_at ADD #calls :one",
                ConditionExpression="attribute_not_exists(#calls) OR #calls < :limit",
                ExpressionAttributeNames={"#calls": "calls"},
                ExpressionAttributeValues={
                    ":expires_at": {"N": str(expires_at)},
                    ":limit": {"N": str(limit)},
                    ":one": {"N": "1"},
                },
                ReturnValues="UPDATED_NEW",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == _LIMIT_REACHED:
                return False
            raise TableUnavailable(_read_cause(error.response)) from error
        if not answer["Attributes"]["calls"]["N"].isdecimal():
            raise TableUnavailable("unreachable")  # a 200 answer that is not DynamoDB's
        return True


def _read_cause(response: Any) -> str:
    is_refusal = 400 <= response["ResponseMetadata"]["HTTPStatusCode"] < 500
    return _CAUSES.get(response["Error"]["Code"], "refused" if is_refusal else "unreachable")
