"""Build the artefact the way it is deployed: `python -m infra.deploy.build`, by sam build."""

import os
import sys

from infra.deploy.deployment import Deployment, read_deployment
from infra.deploy.sam import exit_status, run_sam
from infra.deploy.template import find_template


def build(deployment: Deployment, folder: str) -> None:
    """Into `folder`, as McpFunction/ beside template.yaml, for the processor and Python of this deployment."""
    # SAM tells a makefile neither: through the environment they reach infra/deploy/artefact.py.
    target = {
        variable: deployment.parameters[name]
        for variable, name in (("RUNTIME", "Runtime"), ("ARCHITECTURE", "Architecture"))
        if name in deployment.parameters
    }
    target |= deployment.region.variables if deployment.region else {}
    if deployment.parameters.get("ServeExamples") == "true":
        target["EXAMPLES"] = "1"
    overrides = ["--parameter-overrides", *deployment.overrides]
    template = ["--template-file", str(find_template())]
    run_sam("build", *template, "--build-dir", folder, *overrides, environment=target)


def build_folder() -> str:
    return os.environ.get("BUILD_DIR") or ".aws-sam/build"


if __name__ == "__main__":
    sys.exit(exit_status(lambda: build(read_deployment(os.environ), build_folder())))
