"""Ask AWS about one stage, in the region of its deployment."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.deploy.deployment import Deployment
from infra.operator.aws_refusals import explain_refusal

MakeClient = Callable[[str, str], Any]
"""Makes a client of boto3 for a service and a region."""
_DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")


class AwsRefused(Exception):
    """AWS refused or did not answer; the message says why and what to change."""

    def __init__(self, why: str, code: str) -> None:
        super().__init__(why)
        self.code = code
        """The error code of AWS, or the name of the exception of botocore."""


def make_client(service: str, region: str) -> Any:
    import boto3
    from botocore.config import Config

    retries: Any = {"total_max_attempts": 4, "mode": "standard"}
    config = Config(connect_timeout=5, read_timeout=30, retries=retries)
    return boto3.client(service, region_name=region, config=config)


class StageAws:
    """The AWS of one stage. It makes the client of a service with its first question."""

    def __init__(self, deployment: Deployment, make: MakeClient = make_client) -> None:
        self.deployment = deployment
        self.region = deployment.require_region()
        self._make = make
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, **arguments: Any) -> Mapping[str, Any]:
        """Call one operation, which has boto3's name.

        Raises:
            AwsRefused: if AWS refuses or does not answer.
        """
        return next(self._answers(service, operation, paged=False, arguments=arguments))

    def pages(self, service: str, operation: str, **arguments: Any) -> Iterator[Mapping[str, Any]]:
        """Call an operation that answers in pages, one page after the other.

        Raises:
            AwsRefused: if AWS refuses or does not answer.
        """
        return self._answers(service, operation, paged=True, arguments=arguments)

    def _answers(
        self, service: str, operation: str, *, paged: bool, arguments: dict[str, Any]
    ) -> Iterator[Mapping[str, Any]]:
        from botocore.exceptions import BotoCoreError, ClientError

        action = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
        try:
            client = self._client(service)
            if paged:
                yield from client.get_paginator(operation).paginate(**arguments)
            else:
                yield getattr(client, operation)(**arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        except (BotoCoreError, ValueError) as error:
            code = type(error).__name__
        else:
            return
        # Raised outside of the handlers: the text of AWS's error may repeat the request.
        raise AwsRefused(self._explain(code, service, action), code)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._make(service, self.region.name)
        return self._clients[service]

    def _explain(self, code: str, service: str, action: str) -> str:
        if code in _DENIED:
            return (
                f"these AWS credentials may not do it: allow {action} ({code}, region {self.region.name}); "
                "docs/operate.md lists what each command needs"
            )
        return explain_refusal(code, service, self.region.name)
