"""Print the MCP URL of a stage and the next steps: `python -m infra.deploy.welcome`."""

import os
import sys
from collections.abc import Mapping

from infra.deploy.deployment import read_deployment
from infra.deploy.outputs import read_outputs
from infra.deploy.sam import exit_status


def write_welcome(stack: Mapping[str, str], stage: str, region: str) -> str:
    name, url = stack["FunctionName"], stack["McpUrl"]
    return f"""
Region              {region}
MCP URL             {url}
Resource indicator  {stack["ResourceIndicator"]}

Connect
  Claude Code       claude mcp add --transport http {name} {url}
  Cursor            {{"mcpServers": {{"{name}": {{"url": "{url}"}}}}}}  in .cursor/mcp.json
  VS Code           code --add-mcp '{{"name":"{name}","type":"http","url":"{url}"}}'
  Others            paste the MCP URL
  Colleagues        open the MCP URL in a browser: a page shows them how to connect (parameter LandingPage)

The first time
  make secrets STAGE={stage}      puts the WorkOS API key into SSM
  make provision STAGE={stage} URL={url}
                          says what it would register in WorkOS; APPLY=1 does it
  make doctor URL={url}
"""


def main() -> None:
    deployment = read_deployment(os.environ)
    print(write_welcome(read_outputs(deployment), deployment.stage, str(deployment.require_region())))


if __name__ == "__main__":
    sys.exit(exit_status(main))
