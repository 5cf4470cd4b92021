"""Ask the deployed function whether it can read its secrets, with its own role and in its own region."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.deploy.deployment import SAMCONFIG, Deployment, InvalidDeployment, read_deployment
from infra.deploy.sam import aws_client
from infra.operator.finding import Finding, failed, passed, skipped
from infra.operator.report import printable

CHECK = "secrets"
_INVOKE_FIX = "use AWS credentials that may call lambda:InvokeFunction on its alias live, in the stage's region"
_SILENCE_FIX = "read its log group: it does not start, or its code is older than this question"
EVENT = {"source": "workos-mcp-lambda.operator", "action": "check-secrets"}
"""app/handler.py answers it with `readable`, or the reason, for each parameter, and never with a value. Only
somebody who
may invoke the function in AWS can send it: neither API Gateway nor a function URL makes such an event."""
_FIXES = {
    "missing": "make secrets STAGE={stage} writes it, in this account and region, named by AppName and Stage; add "
    "NAME=<its last part> for one under /team/",
    "denied": "the function's role may not read it: deploy with the AppName and Stage that name it, and with "
    "SecretsKeyArn if a KMS key of your own seals it; look at the role's permissions boundary, if it has one",
    "throttled": "SSM is throttling: try again in a minute",
    "unreachable": "the function does not reach SSM: in a VPC it needs a way there (docs/vpc.md)",
    "malformed": "it holds no usable value: make secrets STAGE={stage} ROTATE=<its last part> writes another",
}


def check_function_secrets(environment: Mapping[str, str], file: Path = SAMCONFIG) -> Finding:
    """Invoke FUNCTION's live version and read what it answers about each secret."""
    function = environment.get("FUNCTION", "")
    if not function:
        return skipped(CHECK, "FUNCTION is not set: the function was not asked whether it can read its secrets")
    try:
        deployment = read_deployment(environment, file)
        answer = _invoke(function, deployment)
    except InvalidDeployment as error:
        return failed(CHECK, f"{function} could not be asked: {printable(str(error))}", _INVOKE_FIX)
    outcomes = answer.get("secrets")
    if not isinstance(outcomes, dict):
        return failed(CHECK, f"{function} does not answer the question", _SILENCE_FIX)
    wrong = {name: str(outcome) for name, outcome in outcomes.items() if outcome != "readable"}
    if not wrong:
        read = printable(", ".join(sorted(outcomes))) or "none from SSM"
        return passed(CHECK, f"{function} in {deployment.require_region()} reads {read}")
    problems = "; ".join(f"{printable(name)} is {printable(outcome)}" for name, outcome in wrong.items())
    fixes = dict.fromkeys(_FIXES.get(outcome, _FIXES["unreachable"]) for outcome in wrong.values())
    return failed(CHECK, f"{function}: {problems}", "; ".join(fixes).format(stage=deployment.stage))


def _invoke(function: str, deployment: Deployment) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        aws = aws_client("lambda", deployment)
        result = aws.invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(EVENT).encode())
        answer = json.loads(result["Payload"].read() or b"null")
    except (ClientError, BotoCoreError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        raise InvalidDeployment(f"{code}, region {deployment.region}") from None
    except ValueError:
        answer = None
    # A function that fails at its start returns an error object, and AWS sets FunctionError.
    return answer if isinstance(answer, dict) and "FunctionError" not in result else {}
