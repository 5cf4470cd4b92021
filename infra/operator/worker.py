"""Ask AWS whether the deployed function's worker, which runs background tools, is there and takes work."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.deploy.deployment import SAMCONFIG, InvalidDeployment, read_deployment
from infra.deploy.sam import aws_client
from infra.operator.finding import Finding, failed, passed, skipped
from infra.operator.report import printable

CHECK = "worker"
EVENT = {"source": "workos-mcp-lambda.operator", "action": "check-worker"}
"""app/handler.py answers it: the function begins work that does nothing, with its own role, and looks at it."""
_READ_FIX = (
    "use AWS credentials that may call lambda:GetFunctionConfiguration and lambda:InvokeFunction on the function, "
    "in its region"
)
_DEPLOY_FIX = "make deploy STAGE={stage} makes the worker and tells the function of it"
_CONFIGURATION_FIX = (
    f"{_DEPLOY_FIX}; if it is there, use AWS credentials that may call lambda:GetFunctionConfiguration on its "
    "alias live"
)
_NOT_DURABLE_FIX = "delete it and deploy again: AWS makes no function durable that was made without"
_LOG_FIX = "read its log group {group}: it does not start, or crashes; make rollback STAGE={stage} goes back"
_SILENCE_FIX = "read the log of the function: it does not start, or its code is older than this question"
FIXES = {
    "missing": _DEPLOY_FIX,
    "denied": "make deploy STAGE={stage} lets the function's role begin and read its work; look at the role's "
    "permissions boundary, if it has one",
    "throttled": "AWS is throttling: try again in a minute; if it stays, raise WorkerConcurrency or the quota",
    "refused": "read the log of the function: the line Lambda refused has the code of AWS",
    "unreachable": "the function does not reach Lambda: in a VPC it needs a way there (docs/vpc.md)",
    "not_durable": _NOT_DURABLE_FIX,
    "outdated": "Lambda's own boto3 is too old for it: ship your own (docs/background-operate.md, boto3)",
    "failed": _LOG_FIX,
    "silent": f"{_LOG_FIX}; or WorkerConcurrency is used up",
}
"""By what the function answers."""


def check_worker(environment: Mapping[str, str], file: Path = SAMCONFIG) -> Finding:
    """Read which worker FUNCTION's live version has, and let that version begin work that does nothing."""
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
    """Judge the worker of a function that is deployed as a stage; `aws` is boto3's client for Lambda."""
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
    except (BotoCoreError, ClientError) as error:
        return failed(CHECK, f"{printable(worker)}: {_name(error)}", _CONFIGURATION_FIX.format(stage=stage))
    if not (durable := configuration.get("DurableConfig")):
        seen = f"{printable(worker)} is not durable, so work in it ends with its first pause"
        return failed(CHECK, seen, _NOT_DURABLE_FIX)
    try:
        answer = _ask(aws, function)
    except (BotoCoreError, ClientError) as error:
        return failed(CHECK, f"{function} could not be asked: {_name(error)}", _READ_FIX)
    return _judge(answer, worker, stage, durable.get("ExecutionTimeout"))


def _judge(answer: str, worker: str, stage: str, seconds: int | None) -> Finding:
    if answer == "ready":
        return passed(CHECK, f"{printable(worker)} did what it was asked, and takes work of up to {seconds} s")
    group = "/aws/lambda/" + worker.rpartition(":")[0].rpartition(":")[2]
    fix = FIXES.get(answer, _SILENCE_FIX).format(stage=stage, group=printable(group))
    return failed(CHECK, f"{printable(worker)}: {printable(answer) or 'the function does not say'}", fix)


def _ask(aws: Any, function: str) -> str:
    """What the function says of its worker; an empty text if it does not."""
    result = aws.invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(EVENT).encode())
    try:
        answer = json.loads(result["Payload"].read() or b"null")
    except ValueError:
        return ""
    said = answer.get("worker") if isinstance(answer, dict) and "FunctionError" not in result else None
    return said if isinstance(said, str) else ""


def _name(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__
