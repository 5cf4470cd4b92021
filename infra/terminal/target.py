"""Which server a command talks to: URL=, the stack of STAGE=, or `make dev`."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.ports import InvalidPort, read_port
from infra.local.start_page import SERVER_NAME
from infra.operator.address import Address, AddressRefused, read_address
from infra.operator.web import is_loopback, may_send_secrets
from infra.terminal.command import TerminalError, UsageError

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    address: Address
    is_make_dev: bool = False
    """Whether neither URL nor STAGE named a server."""

    @property
    def url(self) -> str:
        return self.address.url

    @property
    def entry_name(self) -> str:
        """The name of the server in the configuration of a client: deployed, the one that its page shows too."""
        from app.identity import IDENTITY

        # Codex and Claude Code take no dots in a server's name.
        return SERVER_NAME if is_loopback(self.url) else IDENTITY.name.replace(".", "-")

    def require_protection(self) -> None:
        """Check that a token can be sent to the server.

        Raises:
            UsageError: if others on the network could read it.
        """
        if not may_send_secrets(self.url):
            raise UsageError(f"{self.url} is not https, so a token sent there could be read: give an https URL")


def read_target(environment: Environment) -> Target:
    """Read URL, or else TERMINAL_STAGE, or else PORT.

    Raises:
        UsageError: if the variable is wrong.
        TerminalError: if AWS does not know the stage's stack.
    """
    try:
        if url := environment.get("URL"):
            return Target(read_address(url))
        # terminal.mk sets it: STAGE itself always has a value, because `make deploy` has a default.
        if stage := environment.get("TERMINAL_STAGE"):
            return Target(read_address(_read_stage_url({**environment, "STAGE": stage})))
        port = read_port("PORT", environment)
    except (AddressRefused, InvalidPort) as error:
        raise UsageError(str(error)) from None
    return Target(read_address(f"http://127.0.0.1:{port}/mcp"), is_make_dev=True)


def _read_stage_url(environment: Environment) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    from infra.deploy.deployment import InvalidDeployment, read_deployment
    from infra.deploy.outputs import read_outputs

    try:
        outputs = read_outputs(read_deployment(environment))
    except (InvalidDeployment, BotoCoreError, ClientError) as error:
        raise TerminalError(str(error)) from None
    if "McpUrl" not in outputs:
        raise TerminalError("the stack has no output McpUrl: deploy it again (make deploy), or give URL=")
    return outputs["McpUrl"]
