"""What template.yaml promises, without any AWS."""

import json
import re
from typing import Any

import pytest

from app.settings import Settings
from tests.blocks import ROOT
from tests.deploy.cloudformation import load_template, resources

TEMPLATE = load_template()
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
FUNCTION = resources("AWS::Serverless::Function")["McpFunction"]
VARIABLES: dict[str, Any] = FUNCTION["Environment"]["Variables"]
PATH = "/${AppName}/${Stage}"


def default(name: str) -> Any:
    return PARAMETERS[name]["Default"]


def mentioned(value: Any) -> set[str]:
    """Every logical id and parameter that a part of the template refers to."""
    text = json.dumps(value)
    return {
        *re.findall(r'"Ref": "([A-Za-z0-9]+)"', text),
        *re.findall(r'"Fn::GetAtt": \["([A-Za-z0-9]+)"', text),
        *re.findall(r"\$\{([A-Za-z0-9]+)", text),
    }


def test_the_function_is_what_was_decided() -> None:
    assert FUNCTION["Handler"] == "app.handler.handler"
    assert (FUNCTION["Runtime"], default("Runtime")) == ({"Ref": "Runtime"}, "python3.13")
    assert (FUNCTION["Architectures"], default("Architecture")) == ([{"Ref": "Architecture"}], "arm64")
    assert default("MemorySize") == PARAMETERS["MemorySize"]["MinValue"] == 1024
    assert PARAMETERS["Timeout"]["MaxValue"] < 30
    assert default("ReservedConcurrency") == ""
    assert (FUNCTION["AutoPublishAlias"], default("SnapStart")) == ("live", "on")
    assert FUNCTION["AutoPublishCodeSha256"] == {"Ref": "Release"}


def test_every_setting_reaches_the_function_and_no_secret_does() -> None:
    known = set(re.findall(r'"([A-Z_]{5,})"', ROOT.joinpath("app/settings.py").read_text()))
    secrets = {"WORKOS_API_KEY", "REQUEST_STATE_KEY"}

    assert set(VARIABLES) == known - secrets | {"WORKOS_BASE_URL", "POWERTOOLS_LOG_LEVEL", "WORKER_FUNCTION"}
    assert VARIABLES["WORKOS_API_KEY_PARAMETER"] == {"Fn::Sub": f"{PATH}/workos-api-key"}
    assert VARIABLES["TEAM_SECRETS_PATH"] == {"Fn::Sub": f"{PATH}/team"}
    assert VARIABLES["REQUEST_STATE_KEY_PARAMETER"] == {"Fn::Sub": f"{PATH}/request-state-key"}
    assert not any(each.get("NoEcho") for each in PARAMETERS.values())


def test_the_defaults_are_settings_that_start() -> None:
    parameters = {name: PARAMETERS[value["Ref"]] for name, value in VARIABLES.items() if "Ref" in value}
    given = {name: str(parameter.get("Default", "")) for name, parameter in parameters.items()}
    given |= {"WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app", "WORKOS_CLIENT_ID": "client_01ABC"}
    given |= {"BASE_URL": "https://abc123.execute-api.us-east-1.amazonaws.com"}

    settings = Settings.from_environment(given)

    assert settings == Settings(settings.issuer, settings.client_id, settings.base_url)


def test_the_api_has_one_route_and_no_stage_in_its_paths() -> None:
    assert [each["RouteKey"] for each in resources("AWS::ApiGatewayV2::Route").values()] == ["$default"]
    assert [each["StageName"] for each in resources("AWS::ApiGatewayV2::Stage").values()] == ["$default"]
    assert "CorsConfiguration" not in resources("AWS::ApiGatewayV2::Api")["HttpApi"]
    mapping = resources("AWS::ApiGatewayV2::ApiMapping")["DomainMapping"]
    assert "ApiMappingKey" not in mapping
    integration = resources("AWS::ApiGatewayV2::Integration")["FunctionIntegration"]
    assert integration["IntegrationUri"] == {"Ref": "McpFunctionAliaslive"}
    assert integration["PayloadFormatVersion"] == "2.0"


def test_nothing_that_the_function_needs_needs_the_function() -> None:
    every: dict[str, Any] = TEMPLATE["Resources"]
    behind: set[str] = set()
    ahead = mentioned(FUNCTION | {"DeploymentPreference": {}})
    while ahead:
        name = ahead.pop()
        if name in every and name not in behind:
            behind.add(name)
            ahead |= mentioned(every[name])

    assert "HttpApi" in behind
    assert not {"McpFunction", "McpFunctionAliaslive"} & behind


def test_the_access_log_is_json_without_any_header() -> None:
    stage = resources("AWS::ApiGatewayV2::Stage")["DefaultStage"]
    fields = json.loads(stage["AccessLogSettings"]["Format"])

    assert {"requestId", "status", "path", "integrationError"} <= fields.keys()
    assert not [value for value in fields.values() if "header" in value.lower() or "authori" in value.lower()]
    assert stage["DefaultRouteSettings"].keys() >= {"ThrottlingRateLimit", "ThrottlingBurstLimit"}


def test_the_role_reads_the_secrets_of_this_stage_alone() -> None:
    policy, *optional = resources("AWS::IAM::Role")["FunctionRole"]["Policies"]
    assert [each["Fn::If"][0] for each in optional] == ["HasQuota", "HasVpc", "HasWorker"]
    by_action = {str(each["Action"]): each for each in policy["PolicyDocument"]["Statement"]}
    log, secrets, decrypt = by_action.values()

    assert log["Resource"] == {"Fn::GetAtt": ["FunctionLogs", "Arn"]}
    assert secrets["Action"] == ["ssm:GetParameter", "ssm:GetParameters"]
    assert secrets["Resource"]["Fn::Sub"].endswith(f":parameter{PATH}/*")
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Condition"]["StringEquals"]["kms:ViaService"] == {
        "Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"
    }
    assert decrypt["Condition"]["StringLike"]["kms:EncryptionContext:PARAMETER_ARN"] == secrets["Resource"]
    assert "ManagedPolicyArns" not in resources("AWS::IAM::Role")["FunctionRole"]


def test_logs_end_and_go_with_the_stack() -> None:
    for name, each in TEMPLATE["Resources"].items():
        if each["Type"] == "AWS::Logs::LogGroup":
            assert each["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name
            assert each["DeletionPolicy"] == "Delete", name
    assert FUNCTION["LoggingConfig"]["LogFormat"] == "JSON"
    assert FUNCTION["LoggingConfig"]["LogGroup"] == {"Ref": "FunctionLogs"}


def test_alarms_watch_what_this_app_fails_by() -> None:
    watched = {each["MetricName"] for each in resources("AWS::CloudWatch::Alarm").values()}

    assert watched == {
        *("5xx", "Errors", "Throttles", "Duration"),
        *("Unauthorized", "SigningKeysNotFetched", "SecretUnavailable", "QuotaUnavailable", "AuditLost"),
        *("DurableExecutionFailed", "DurableExecutionTimedOut", "WorkLost", "WorkEngineUnavailable"),
    }
    assert resources("AWS::CloudWatch::Alarm")["DurationAlarmP95"]["ExtendedStatistic"] == "p95"


@pytest.mark.parametrize(
    "metric",
    [
        *("RefusedMetric", "SigningKeysMetric", "SecretsMetric", "LegacyAudienceMetric"),
        *("QuotaMetric", "AuditLostMetric", "WorkEngineMetric", "WorkLostMetric", "WorkerSecretsMetric"),
    ],
)
def test_metrics_count_lines_that_the_app_writes(metric: str) -> None:
    pattern = resources("AWS::Logs::MetricFilter")[metric]["FilterPattern"]
    message = re.search(r'\$\.message = ("[^"]+")', pattern)

    assert message
    assert any(message[1] in source.read_text() for source in ROOT.joinpath("app").rglob("*.py")), message[1]


def test_refusals_are_counted_by_reason() -> None:
    (counted,) = resources("AWS::Logs::MetricFilter")["RefusedMetric"]["MetricTransformations"]

    assert counted["Dimensions"] == [{"Key": "reason", "Value": "$.reason"}]


def dashboard_parts() -> tuple[str, str]:
    """The text of the dashboard, and what it gets where there is a worker."""
    body, filled = resources("AWS::CloudWatch::Dashboard")["Dashboard"]["DashboardBody"]["Fn::Sub"]
    condition, of_worker, nothing = filled["WorkerWidgets"]["Fn::If"]
    assert (condition, nothing) == ("HasWorker", "")
    return body, of_worker["Fn::Sub"]


def test_the_dashboard_is_json_with_a_worker_and_without() -> None:
    body, of_worker = dashboard_parts()
    without, full = (json.loads(body.replace("${WorkerWidgets}", each))["widgets"] for each in ("", of_worker))

    assert (len(without), len(full)) == (8, 12)
    assert full[:8] == without
    places = {(each["x"], each["y"]) for each in full}
    assert places == {(x, y) for x in (0, 12) for y in range(0, 36, 6)}


def test_the_apps_own_metrics_are_in_the_namespace_that_the_dashboard_reads() -> None:
    body = "".join(dashboard_parts())
    namespace = "${AppName}/${Stage}"

    assert VARIABLES["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": namespace}
    searched = re.findall(r"SEARCH\('\{\\\"(.+?)\\\",(\w+)\} MetricName=\\\"(\w+)\\\"", body)
    assert {tuple(each) for each in searched} == {
        (namespace, "reason", "Refused"),
        (namespace, "reason", "Denied"),
        (namespace, "outcome", "Calls"),
        (namespace, "tool", "Duration"),
        (namespace, "outcome", "WorkEnded"),
        (namespace, "tool", "WorkSeconds"),
    }


def test_no_log_level_drops_the_audit_records() -> None:
    level = FUNCTION["LoggingConfig"]["ApplicationLogLevel"]

    assert PARAMETERS["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO", "WARN"]
    assert level == {"Fn::If": ["LogsDebug", "DEBUG", "INFO"]}
    assert VARIABLES["POWERTOOLS_LOG_LEVEL"] == {"Ref": "LogLevel"}


def test_outputs_say_where_it_is() -> None:
    outputs = TEMPLATE["Outputs"]

    assert outputs.keys() >= {"McpUrl", "ResourceIndicator", "ProtectedResourceUrl", "FunctionName", "LogGroup"}
    assert outputs["McpUrl"]["Value"] == outputs["ResourceIndicator"]["Value"]
    origin = json.dumps(VARIABLES["BASE_URL"]).replace('{"Ref": "BaseUrl"}', '{"Fn::Sub": "${BaseUrl}"}')
    assert json.dumps(outputs["McpUrl"]["Value"]).replace('/mcp"', '"') == origin
