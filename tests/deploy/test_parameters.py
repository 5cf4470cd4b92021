"""What template.yaml's parameters take and refuse, held against the settings that they become."""

import re
import tomllib
from typing import Any

import pytest

from app.settings import Settings, SettingsError
from tests.deploy.cloudformation import load_template
from tests.team import FIXTURES

PARAMETERS: dict[str, dict[str, Any]] = load_template()["Parameters"]


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_each_parameter_is_described_and_checked(name: str) -> None:
    parameter = PARAMETERS[name]

    assert parameter["Description"]
    assert parameter["ConstraintDescription"]
    assert parameter.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}
    if "AllowedPattern" in parameter and "Default" in parameter:
        assert re.fullmatch(parameter["AllowedPattern"], parameter["Default"])


ROWS = [
    ("AuthKitDomain", "WORKOS_AUTHKIT_DOMAIN", "acme.authkit.app", True),
    ("AuthKitDomain", "WORKOS_AUTHKIT_DOMAIN", "https://auth.example.com", True),
    ("AuthKitDomain", "WORKOS_AUTHKIT_DOMAIN", "http://127.0.0.1:8001", True),
    ("AuthKitDomain", "WORKOS_AUTHKIT_DOMAIN", "http://acme.authkit.app", False),
    ("AuthKitDomain", "WORKOS_AUTHKIT_DOMAIN", "acme.authkit.app/oauth2", False),
    ("BaseUrl", "BASE_URL", "https://mcp.example.com", True),
    ("BaseUrl", "BASE_URL", "https://mcp.example.com/", False),
    ("BaseUrl", "BASE_URL", "https://mcp.example.com/mcp", False),
    ("BaseUrl", "BASE_URL", "https://MCP.example.com", False),
    ("BaseUrl", "BASE_URL", "http://mcp.example.com", False),
    ("DocsUrl", "DOCS_URL", "https://docs.example.com/mcp?x=1", True),
    ("DocsUrl", "DOCS_URL", "docs.example.com", False),
    ("DocsUrl", "DOCS_URL", "https://docs..example.com/mcp", False),
    ("DocsUrl", "DOCS_URL", "https://docs.example.com?x=1", False),
    ("RequiredScopes", "REQUIRED_SCOPES", "files:read files:write", True),
    ("RequiredScopes", "REQUIRED_SCOPES", '"files:read"', False),
    ("RequiredScopes", "REQUIRED_SCOPES", "openid offline_access", False),
    ("RequiredScopes", "REQUIRED_SCOPES", "offline_access_of_ours", True),
    ("AllowedOrigins", "ALLOWED_ORIGINS", "https://app.example.com http://localhost:6274", True),
    ("AllowedOrigins", "ALLOWED_ORIGINS", "*", False),
    ("AllowedOrigins", "ALLOWED_ORIGINS", "https://app.example.com/path", False),
    ("LandingPageNote", "LANDING_PAGE_NOTE", "", True),
    ("LandingPageNote", "LANDING_PAGE_NOTE", "Ask Zoë in #platform | or <call>", True),
    ("LandingPageNote", "LANDING_PAGE_NOTE", "one\ntwo", False),
    ("AuditLogAction", "AUDIT_LOG_ACTION", "", True),
    ("AuditLogAction", "AUDIT_LOG_ACTION", "mcp.tool_called", True),
    ("AuditLogAction", "AUDIT_LOG_ACTION", "mcp tool called", False),
    ("AuditLogAction", "AUDIT_LOG_ACTION", "mcp..called", False),
    *(
        (parameter, variable, value, fine)
        for parameter, variable in (
            ("QuotaPerUser", "QUOTA_PER_USER"),
            ("QuotaPerOrganization", "QUOTA_PER_ORGANIZATION"),
        )
        for value, fine in (
            ("0", True),
            ("999999999", True),
            ("1000000000", False),
            ("10.5", False),
            ("-1", False),
        )
    ),
]
NUMBERS = [
    ("QuotaWindowSeconds", "QUOTA_WINDOW_SECONDS", 1, 86_400),
    ("ApiKeyMemorySeconds", "API_KEY_MEMORY_SECONDS", 1, 60),
]


def starts_with(variable: str, value: str) -> bool:
    """Whether the function starts with this setting."""
    environment = {
        "WORKOS_AUTHKIT_DOMAIN": "a.authkit.app",
        "WORKOS_CLIENT_ID": "c",
        "BASE_URL": "https://a.example",
        "WORKOS_API_KEY_PARAMETER": "/app/key",
        "QUOTA_TABLE": "quota",
        "QUOTA_PER_USER": "1",
        "QUOTA_PER_ORGANIZATION": "1",
    }
    try:
        Settings.from_environment(environment | {variable: value})
    except SettingsError:
        return False
    return True


@pytest.mark.parametrize(("parameter", "variable", "value", "fine"), ROWS)
def test_a_parameter_refuses_what_the_setting_refuses(
    parameter: str, variable: str, value: str, fine: bool
) -> None:
    assert starts_with(variable, value) is fine
    assert bool(re.fullmatch(PARAMETERS[parameter]["AllowedPattern"], value)) is fine


@pytest.mark.parametrize(("parameter", "variable", "least", "most"), NUMBERS)
def test_a_number_is_as_small_and_as_large_as_the_setting_takes(
    parameter: str, variable: str, least: int, most: int
) -> None:
    assert (PARAMETERS[parameter]["MinValue"], PARAMETERS[parameter]["MaxValue"]) == (least, most)
    edges = (least - 1, least, most, most + 1)
    assert [starts_with(variable, str(each)) for each in edges] == [False, True, True, False]


def test_the_template_refuses_api_keys_with_scopes_as_the_settings_do() -> None:
    rule = load_template()["Rules"]["ApiKeysHaveNoScopes"]

    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "AllowApiKeys"}, "true"]}
    assert [each["Assert"] for each in rule["Assertions"]] == [{"Fn::Equals": [{"Ref": "RequiredScopes"}, ""]}]
    assert starts_with("ALLOW_API_KEYS", PARAMETERS["AllowApiKeys"]["AllowedValues"][0])
    assert PARAMETERS["AllowApiKeys"]["Default"] == "false"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_each_stage_is_deployed_as_a_stack_of_its_own(stage: str) -> None:
    deploy = tomllib.loads(FIXTURES.joinpath("samconfig.toml").read_text())[stage]["deploy"]["parameters"]

    assert deploy["stack_name"] == deploy["s3_prefix"] == f"{PARAMETERS['AppName']['Default']}-{stage}"
    assert f"Stage={stage}" in deploy["parameter_overrides"]
    given = {each.partition("=")[0] for each in deploy["parameter_overrides"]}
    assert given <= PARAMETERS.keys()
