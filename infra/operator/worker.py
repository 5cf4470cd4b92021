"""Ask AWS whether the deployed function's worker, which runs background tools, is there and takes work."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.deploy.sam import aws_client
from infra.operator.finding import Finding, failed, passed, skipped
from infra.operator.report import printable

CHECK = "worker"
_READ_FIX = "use AWS credentials that may call lambda:GetFunctionConfiguration on the function, in its region"
_DEPLOY_FIX = "make deploy STAGE={stage} makes the worker and tells the function of it"
_INVOKE_FIX = (
    f"{_DEPLOY_FIX}; if it is there, use AWS credentials that may call lambda:GetFunctionConfiguration and "
    "lambda:InvokeFunction on its alias live"
)


def check_worker(environment: Mapping[str, str], file: Path = SAMCONFIG) -> Finding:
    """Read which worker FUNCTION's live version has, and invoke that worker without running it (DryRun)."""
    function = environment.get("FUNCTION", "")
    if not function:
        return skipped(CHECK, "FUNCTION is not set: the function was not asked for its worker")
    try:
        deployment = read_deployment(environment, file)
        aws = aws_client("lambda", deployment)
    except InvalidDeployment as error:
        return failed(CHECK, f"{function} could not be asked: {printable(str(error))}", _READ_FIX)
    return examine_worker(aws, function, deployment.stage)


def examine_worker(aws: Any, function: str, stage: str) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = aws.get_function_configuration(FunctionName=function, Qualifier="live")
    except (BotoCoreError, ClientError) as error:
        return failed(CHECK, f"{function} could not be read: {_name(error)}", _READ_FIX)
    worker = found.get("Environment", {}).get("Variables", {}).get("WORKER_FUNCTION", "")
    if not worker:
        return skipped(CHECK, f"{function} has no worker: none of its tools works in the background")
    try:
        configuration = aws.get_function_configuration(FunctionName=worker)
        aws.invoke(FunctionName=worker, InvocationType="DryRun")
    except (BotoCoreError, ClientError) as error:
        return failed(CHECK, f"{printable(worker)}: {_name(error)}", _INVOKE_FIX.format(stage=stage))
    if not configuration.get("DurableConfig"):
        fix = "delete it and deploy again: AWS makes no function durable that was made without"
        return failed(CHECK, f"{printable(worker)} is not durable, so work in it ends with its first pause", fix)
    seconds = configuration["DurableConfig"].get("ExecutionTimeout")
    return passed(CHECK, f"{printable(worker)} takes work of up to {seconds} s")


def _name(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__
