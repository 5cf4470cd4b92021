"""Deploy the built artefact with `sam deploy`: `python -m infra.deploy.deploy`."""

import os
import sys
from dataclasses import replace

from infra.deploy.background import read_background_work
from infra.deploy.build import build_folder
from infra.deploy.deployment import REPOSITORY, SAMCONFIG, Deployment, read_deployment
from infra.deploy.outputs import read_outputs
from infra.deploy.release import compute_release
from infra.deploy.running_work import check_running_work
from infra.deploy.sam import aws_client, exit_status, run_sam
from infra.deploy.signing_keys import put_signing_keys


def deploy(deployment: Deployment, folder: str) -> None:
    deployment.require_parameters()
    region = deployment.require_region()
    print(f"Region {region}", flush=True)
    deployment = replace(deployment, parameters=read_background_work(deployment.parameters))
    check_running_work(aws_client("lambda", deployment), deployment, os.environ, lambda: read_outputs(deployment))
    if message := put_signing_keys(deployment, REPOSITORY / folder):
        print(message, flush=True)
    released = deployment.with_release(compute_release(REPOSITORY / folder, deployment.parameters))
    run_sam(
        "deploy",
        *("--config-file", str(SAMCONFIG), "--config-env", deployment.stage),
        *("--template-file", f"{folder}/template.yaml"),
        # All parameters: this option replaces the list in samconfig.toml.
        *("--parameter-overrides", *released.overrides),
        *("--region", region.name),
        environment=region.variables,
    )


if __name__ == "__main__":
    sys.exit(exit_status(lambda: deploy(read_deployment(os.environ), build_folder())))
