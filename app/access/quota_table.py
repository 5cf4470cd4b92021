"""The quota's counts in DynamoDB, each call one conditional update; boto3 is imported by the first."""

import asyncio
import threading
from typing import Any

from app.access.quota import TableUnavailable
from app.runtime.threads import in_server_thread

SECONDS = 1.0
"""For one count. A call is counted twice at most, for its user and its organisation: its caller waits 2 s."""

_OVER = "ConditionalCheckFailedException"
_CAUSES = {
    "ResourceNotFoundException": "missing",
    "AccessDeniedException": "denied",
    "ProvisionedThroughputExceededException": "throttled",
    "RequestLimitExceeded": "throttled",
    "ThrottlingException": "throttled",
}


class DynamoTable:
    """A table whose partition key is the string `subject`."""

    def __init__(self, name: str, seconds: float = SECONDS) -> None:
        self._name = name
        self._seconds = seconds
        self._client: Any = None
        self._connecting = threading.Lock()

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        """As CallTable says."""
        try:
            # boto3 blocks: in a thread of the server's own, which no tool can hold.
            if self._client is None:
                # Without a time limit: this is an import, which takes what it takes, and no network.
                await in_server_thread(self._connect)
            async with asyncio.timeout(self._seconds):
                return await in_server_thread(self._count, key, limit, expires_at)
        except TableUnavailable:
            raise
        except Exception as error:  # botocore stumbles in many ways over an answer that is not DynamoDB's
            raise TableUnavailable("unreachable") from error

    def _connect(self) -> None:
        import boto3
        from botocore.config import Config

        # Two attempts, which fit into the limit even if the first one gets no answer.
        once = self._seconds * 0.45
        retries = {"total_max_attempts": 2, "mode": "standard"}
        config = Config(connect_timeout=once, read_timeout=once, retries=retries)
        with self._connecting:
            if self._client is None:
                # A session of its own: boto3's default one is not made for several threads.
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
            if error.response["Error"]["Code"] == _OVER:
                return False
            raise TableUnavailable(_cause(error.response)) from error
        if not answer["Attributes"]["calls"]["N"].isdecimal():
            raise TableUnavailable("unreachable")  # a 200, but not of DynamoDB
        return True


def _cause(response: Any) -> str:
    refused = 400 <= response["ResponseMetadata"]["HTTPStatusCode"] < 500
    return _CAUSES.get(response["Error"]["Code"], "refused" if refused else "unreachable")
