"""The real template on a local AWS, by `make deploy`, with WorkOS's stand-in behind it."""

import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos import create_workos
from tests.deploy.checkout import Checkout
from tests.deploy.front import Front
from tests.deploy.local_aws import REGION, LocalAws, local_aws, python_version
from tests.e2e.stack import Late

STACK = "workos-mcp-lambda-dev"
ELSEWHERE = {"AWS_REGION": "eu-west-3", "AWS_DEFAULT_REGION": "ap-south-1"}
"""What the shell says. samconfig.toml wins for every command, or each would look in another region."""
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


@dataclass
class Deployed:
    aws: LocalAws
    checkout: Checkout
    url: str
    stack: str = STACK

    def deploy(self, **variables: str) -> str:
        """`make deploy STAGE=dev`, smoke and all."""
        return self.checkout.make("deploy", **variables)

    @property
    def outputs(self) -> dict[str, str]:
        stack = self.aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    @property
    def log(self) -> list[str]:
        """What the function wrote, for a test that fails."""
        found = self.aws.client("logs").filter_log_events(logGroupName=self.outputs["LogGroup"])
        return [event["message"] for event in found["events"]]


@contextmanager
def deployable(folder: Path, stack: str = STACK) -> Iterator[Deployed]:
    """Everything but the deployment: AWS, WorkOS with the resource indicator registered, the checkout."""
    seed = load_seed()
    with ExitStack() as servers:
        aws = servers.enter_context(local_aws(_made(folder / "aws")))
        gateway = servers.enter_context(LoopbackServer(Front(aws).app))
        mcp_url = f"{gateway.url}/mcp"
        late = Late()
        workos = LoopbackServer(late)
        late.app = create_workos(seed, issuer=workos.url, state_dir=_made(folder / "workos"), resources=(mcp_url,))
        servers.enter_context(workos)
        settings = {
            "STAGE": "dev",
            # One of them asks WorkOS with the key from SSM.
            "EXAMPLES": "1",
            # Of the smoke test, in seconds: a busy machine's cold start is no failed deployment.
            "PATIENCE": "60",
            "BASE_URL": gateway.url,
            "WORKOS_AUTHKIT_DOMAIN": workos.url,
            "WORKOS_BASE_URL": workos.url,
            "WORKOS_CLIENT_ID": seed.environment.client_id,
            "WORKOS_API_KEY": seed.environment.api_key,
            "ARCHITECTURE": _ARCHITECTURES[platform.machine()],
            "BUILD_RUNTIME": f"python{python_version()}",
        }
        checkout = Checkout(_made(folder / "checkout"), {**aws.environment, **settings, **ELSEWHERE})
        checkout.configure("dev", f'region = "{REGION}"')
        yield Deployed(aws, checkout, mcp_url, stack)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
