"""Bring what was built to AWS: `python -m infra.deploy.deploy`, by sam deploy."""

import os
import sys

from infra.deploy.build import build_folder
from infra.deploy.deployment import REPOSITORY, SAMCONFIG, Deployment, read_deployment
from infra.deploy.release import release
from infra.deploy.sam import exit_status, run_sam
from infra.deploy.signing_keys import put_signing_keys


def deploy(deployment: Deployment, folder: str) -> None:
    deployment.require_parameters()
    region = deployment.require_region()
    print(f"Region {region}", flush=True)
    if told := put_signing_keys(deployment, REPOSITORY / folder):
        print(told, flush=True)
    released = deployment.released_as(release(REPOSITORY / folder, deployment.parameters))
    run_sam(
        "deploy",
        *("--config-file", str(SAMCONFIG), "--config-env", deployment.stage),
        *("--template-file", f"{folder}/template.yaml"),
        # All of them: what is given here replaces the list of the file.
        *("--parameter-overrides", *released.overrides),
        *("--region", region.name),
        environment=region.variables,
    )


if __name__ == "__main__":
    sys.exit(exit_status(lambda: deploy(read_deployment(os.environ), build_folder())))
