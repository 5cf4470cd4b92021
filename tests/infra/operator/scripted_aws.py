"""AWS by botocore's Stubber, which checks each request against AWS's model and answers what a test put there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from tests.team import FIXTURES

SAMCONFIG = FIXTURES / "samconfig.toml"
REGION = "eu-central-1"
ENVIRONMENT = {"STAGE": "dev", "AWS_REGION": REGION}
ANYTHING = ANY


class ScriptedAws:
    """The answers to each service's requests, in their order."""

    def __init__(self) -> None:
        self._stubbers: dict[str, Stubber] = {}

    def make(self, service: str, region: str) -> Any:
        assert region == REGION
        return self._stubber(service).client

    def answer(self, service: str, operation: str, answer: Mapping[str, Any], **expected: Any) -> None:
        """The next answer; with `expected`, the request must have these parameters and no others."""
        self._stubber(service).add_response(operation, dict(answer), expected or None)

    def refuse(self, service: str, operation: str, code: str) -> None:
        self._stubber(service).add_client_error(operation, code, "User: arn:aws:iam::1:user/x may not")

    def assert_all_asked(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

    def _stubber(self, service: str) -> Stubber:
        if service not in self._stubbers:
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            self._stubbers[service] = Stubber(boto3.client(service, region_name=REGION, **keys))
            self._stubbers[service].activate()
        return self._stubbers[service]


def write_samconfig(folder: Path, stages: Mapping[str, str]) -> Path:
    """A samconfig.toml with these stages, each with a line of its own."""
    sections = [
        f'[{stage}.deploy.parameters]\nstack_name = "acme-{stage}"\ns3_prefix = "acme-{stage}"\n{line}\n'
        for stage, line in stages.items()
    ]
    file = folder / "samconfig.toml"
    file.write_text("\n".join(sections))
    return file
