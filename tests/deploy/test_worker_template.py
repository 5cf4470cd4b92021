"""What template.yaml makes for background work, and that it makes nothing of it by default."""

import re
from pathlib import Path
from typing import Any, get_args

from app.audit.work import WorkOutcome
from app.runtime.durable import ENGINE_CAUSES
from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template, resources
from tests.deploy.policy import Context, Filled, Request, is_allowed

TEMPLATE = load_template()
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
FUNCTION, WORKER = (resources("AWS::Serverless::Function")[name] for name in ("McpFunction", "Worker"))
ROLES = resources("AWS::IAM::Role")
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:workos-mcp-lambda-dev_worker"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/0f0f"
EXECUTION = f"{ARN}:3/durable-execution/name/0f0f"
FOR_CALLS = {"WORKER_FUNCTION", "QUOTA_TABLE", "QUOTA_PER_USER", "QUOTA_PER_ORGANIZATION", "QUOTA_WINDOW_SECONDS"}
FOR_CALLS |= {"REQUEST_STATE_KEY_PARAMETER", "QUOTA_WHEN_UNAVAILABLE", "ALLOW_API_KEYS", "API_KEY_MEMORY_SECONDS"}


def may(role: str, action: str, resource: str, context: Context | None = None) -> bool:
    filled = Filled(Path(ROOT / "template.yaml"), AppName="workos-mcp-lambda", Stage="dev", BackgroundWork="true")
    return is_allowed(Request(action, resource, context or {}), filled.statements_of_role(role))


def test_nothing_of_it_exists_without_a_background_tool() -> None:
    made = {name for name in TEMPLATE["Resources"] if name.startswith("Work")}

    alarms = {f"Work{name}Alarm" for name in ("Failed", "TimedOut", "Lost", "Engine", "Throttle")}
    metrics = {"WorkEngineMetric", "WorkLostMetric", "WorkerSecretsMetric"}
    assert made == {"Worker", "WorkerRetries", "WorkerRole", "WorkerLogs", *alarms, *metrics}
    assert {TEMPLATE["Resources"][name]["Condition"] for name in made} == {"HasWorker"}
    assert TEMPLATE["Outputs"]["WorkerName"]["Condition"] == "HasWorker"
    assert PARAMETERS["BackgroundWork"]["Default"] == "false"
    assert FUNCTION["Environment"]["Variables"]["WORKER_FUNCTION"] == {
        "Fn::If": ["HasWorker", {"Ref": "Worker.Version"}, ""]
    }


def test_the_worker_is_the_same_code_with_another_handler() -> None:
    same = ("CodeUri", "Runtime", "Architectures", "MemorySize", "VpcConfig", "AutoPublishAlias", "Tags")

    assert WORKER["Handler"] == "app.worker.handler"
    assert {name: WORKER[name] for name in same} == {name: FUNCTION[name] for name in same}
    assert WORKER["AutoPublishCodeSha256"] == {"Ref": "Release"}


def test_its_executions_last_as_long_as_the_tools_declare_and_are_not_begun_again() -> None:
    assert WORKER["DurableConfig"] == {
        "ExecutionTimeout": {"Ref": "WorkTimeoutSeconds"},
        "RetentionPeriodInDays": {"Ref": "WorkRetentionDays"},
    }
    retries = TEMPLATE["Resources"]["WorkerRetries"]["Properties"]
    assert retries["MaximumRetryAttempts"] == 0
    # Of the version that is invoked: what is set for an alias holds for invocations of the alias.
    assert retries["Qualifier"] == {"Fn::GetAtt": ["Worker", "Version.Version"]}
    assert "SnapStart" not in WORKER


def test_it_has_the_settings_of_the_function_but_those_of_calls() -> None:
    of_function = FUNCTION["Environment"]["Variables"]

    assert WORKER["Environment"]["Variables"] == {
        name: value for name, value in of_function.items() if name not in FOR_CALLS
    }


def test_it_reads_the_secrets_of_tools_and_not_the_key_that_seals_what_callers_bring_back() -> None:
    ssm = "arn:aws:ssm:eu-central-1:123456789012:parameter/workos-mcp-lambda/dev"
    for name, is_read in (("workos-api-key", True), ("team/STRIPE_KEY", True), ("request-state-key", False)):
        through = {
            "kms:ViaService": "ssm.eu-central-1.amazonaws.com",
            "kms:EncryptionContext:PARAMETER_ARN": f"{ssm}/{name}",
        }
        assert may("WorkerRole", "ssm:GetParameters", f"{ssm}/{name}") is is_read, name
        assert may("WorkerRole", "kms:Decrypt", KEY, through) is is_read, name
        assert may("FunctionRole", "ssm:GetParameters", f"{ssm}/{name}"), name


def test_it_writes_its_own_log_and_checkpoints() -> None:
    secrets, checkpoints, vpc = ROLES["WorkerRole"]["Policies"]

    assert secrets["PolicyDocument"]["Statement"][0]["Resource"] == {"Fn::GetAtt": ["WorkerLogs", "Arn"]}
    (statement,) = checkpoints["PolicyDocument"]["Statement"]
    # It looks whether its work was cancelled (app/protocol/tasks/stopping.py).
    asked = ("CheckpointDurableExecution", "GetDurableExecution", "GetDurableExecutionState")
    assert statement["Action"] == [f"lambda:{each}" for each in asked]
    assert vpc["Fn::If"][0] == "HasVpc"


def test_the_function_begins_and_ends_work_of_this_worker_and_the_worker_does_not() -> None:
    for action, resource in (
        ("lambda:InvokeFunction", f"{ARN}:3"),
        ("lambda:GetDurableExecution", EXECUTION),
        ("lambda:GetDurableExecutionHistory", EXECUTION),
        ("lambda:StopDurableExecution", EXECUTION),
        ("lambda:SendDurableExecutionCallbackSuccess", EXECUTION),
    ):
        assert may("FunctionRole", action, resource), action
        is_looking = action == "lambda:GetDurableExecution"  # whether its own work was cancelled
        assert may("WorkerRole", action, resource) is is_looking, action
        assert not may("FunctionRole", action, resource.replace("-dev_worker", "-dev-2_worker")), action
    assert may("WorkerRole", "lambda:CheckpointDurableExecution", EXECUTION)
    assert not may("FunctionRole", "lambda:CheckpointDurableExecution", EXECUTION)


def test_each_alarm_of_it_has_its_row_in_the_documents() -> None:
    page = ROOT.joinpath("docs/background-operate.md").read_text()
    alarms = resources("AWS::CloudWatch::Alarm")
    named = {
        each["AlarmName"]["Fn::Sub"].rpartition("/")[2] for name, each in alarms.items() if name[:4] == "Work"
    }

    assert set(re.findall(r"^\| `(work-[a-z]+)` \|", page, re.MULTILINE)) == named


def test_outages_of_the_engine_are_counted_and_mistakes_of_callers_are_not() -> None:
    filters = resources("AWS::Logs::MetricFilter")
    counted = set(re.findall(r'\$\.engine = "(\w+)"', filters["WorkEngineMetric"]["FilterPattern"]))

    assert counted == ENGINE_CAUSES - {"too_large", "other_payload"}
    assert filters["WorkEngineMetric"]["LogGroupName"] == {"Ref": "FunctionLogs"}
    lost = set(re.findall(r'\$\.outcome = "(\w+)"', filters["WorkLostMetric"]["FilterPattern"]))
    assert lost < set(get_args(WorkOutcome))
    for name in ("WorkLostMetric", "WorkerSecretsMetric"):
        assert filters[name]["LogGroupName"] == {"Ref": "WorkerLogs"}
    ours, theirs = filters["SecretsMetric"], filters["WorkerSecretsMetric"]
    assert {**ours, "LogGroupName": ""} == {**theirs, "LogGroupName": ""}


def test_the_documents_name_every_parameter_of_it() -> None:
    page = ROOT.joinpath("docs/background-operate.md").read_text()
    named = dict(re.findall(r"^\| `(Work\w+|BackgroundWork)` \| .* \| (.*) \|$", page, re.MULTILINE))

    assert named.keys() == {
        name for name in PARAMETERS if name.startswith("Work") and name != "WorkOSClientId"
    } - {"WorkOSApiUrl"} | {"BackgroundWork"}
    assert named["WorkerTimeout"].startswith(f"{PARAMETERS['WorkerTimeout']['Default']} s")
    assert PARAMETERS["WorkerConcurrency"]["Default"] == ""
