"""What template.yaml makes for the quota, and that it makes nothing of it by default."""

from typing import Any, get_args

import pytest

from app.access.quota_rules import QuotaRules, WhenUnavailable
from tests.deploy.cloudformation import load_template, resources

TEMPLATE = load_template()
PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]
VARIABLES = resources("AWS::Serverless::Function")["McpFunction"]["Environment"]["Variables"]
TABLE = TEMPLATE["Resources"]["QuotaTable"]
DEFAULTS = QuotaRules(table="quota")


def holds(condition: Any, values: dict[str, str]) -> bool:
    """A condition of the template, with these parameters."""
    ((function, parts),) = condition.items()
    if function == "Fn::Equals":
        left, right = parts
        return bool(values[left["Ref"]] == right)
    each = [holds(part, values) for part in parts]
    return {"Fn::And": all(each), "Fn::Or": any(each), "Fn::Not": not each[0]}[function]


@pytest.mark.parametrize(("user", "organization", "on"), [(0, 0, False), (5, 0, True), (0, 5, True), (5, 5, True)])
def test_one_limit_switches_the_quota_on(user: int, organization: int, on: bool) -> None:
    given = {"QuotaPerUser": str(user), "QuotaPerOrganization": str(organization)}

    assert holds(TEMPLATE["Conditions"]["HasQuota"], given) is on


def test_the_defaults_are_those_of_the_settings_and_switch_it_off() -> None:
    assert [PARAMETERS[f"Quota{name}"]["Default"] for name in ("PerUser", "PerOrganization")] == ["0", "0"]
    assert PARAMETERS["QuotaWindowSeconds"]["Default"] == DEFAULTS.window_seconds
    assert PARAMETERS["QuotaWhenUnavailable"]["Default"] == DEFAULTS.when_unavailable
    assert PARAMETERS["QuotaWhenUnavailable"]["AllowedValues"] == list(get_args(WhenUnavailable))


def test_everything_that_costs_money_is_there_with_a_quota_alone() -> None:
    made = {name for name in TEMPLATE["Resources"] if name.startswith("Quota")}

    assert made == {"QuotaTable", "QuotaMetric", "QuotaAlarm"}
    assert {TEMPLATE["Resources"][name]["Condition"] for name in made} == {"HasQuota"}
    assert VARIABLES["QUOTA_TABLE"] == {"Fn::If": ["HasQuota", {"Ref": "QuotaTable"}, ""]}


def test_the_table_is_paid_by_call_ends_its_counts_and_goes_with_the_stack() -> None:
    properties = TABLE["Properties"]

    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert (TABLE["DeletionPolicy"], TABLE["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_the_role_may_count_in_that_table_and_do_nothing_else_with_it() -> None:
    condition, policy, otherwise = resources("AWS::IAM::Role")["FunctionRole"]["Policies"][1]["Fn::If"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert (condition, otherwise) == ("HasQuota", {"Ref": "AWS::NoValue"})
    assert statement["Action"] == "dynamodb:UpdateItem"
    assert statement["Resource"] == {"Fn::GetAtt": ["QuotaTable", "Arn"]}
