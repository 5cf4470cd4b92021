"""IAM's evaluation of one request, as far as the templates of this repository go, and templates filled in.

AWS, IAM User Guide, "Policy evaluation logic": an explicit Deny wins, then an Allow of the identity's policies
that the permissions boundary, where there is one, allows too; what nobody allows is denied.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.cloudformation import load_template

Context = Mapping[str, str | Sequence[str]]
Statement = dict[str, Any]
NO_VALUE = object()
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": NO_VALUE,
}


@dataclass(frozen=True)
class Request:
    action: str
    resource: str
    context: Context


class Filled:
    """A template with its parameters, as CloudFormation would hand its parts to IAM."""

    def __init__(self, file: Path, **parameters: str) -> None:
        self._template = load_template(file)
        defaults = {name: each.get("Default", "") for name, each in self._template["Parameters"].items()}
        assert parameters.keys() <= defaults.keys()
        self._values: dict[str, Any] = {**defaults, **parameters, **PSEUDO}

    def properties(self, name: str) -> Any:
        return self.fill(self._template["Resources"][name]["Properties"])

    def exists(self, name: str) -> bool:
        condition = self._template["Resources"][name].get("Condition")
        return condition is None or self._holds({"Condition": condition})

    def statements_of_role(self, name: str) -> list[Statement]:
        """Of the inline policies, and of the policies beside it."""
        documents = [each["PolicyDocument"] for each in self.properties(name)["Policies"]]
        for other, each in self._template["Resources"].items():
            if each["Type"] == "AWS::IAM::Policy" and self.exists(other):
                properties = self.properties(other)
                assert properties["Roles"] == [name]
                documents.append(properties["PolicyDocument"])
        return [statement for document in documents for statement in document["Statement"]]

    def fill(self, value: Any) -> Any:
        if isinstance(value, list):
            return [filled for each in value if (filled := self.fill(each)) is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name in ("Ref", "Fn::GetAtt", "Fn::Split", "Fn::Sub", "Fn::If"):
                return self._intrinsic(name, argument)
        filled = {name: self.fill(each) for name, each in value.items()}
        return {name: each for name, each in filled.items() if each is not NO_VALUE}

    def _intrinsic(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._values.get(argument, argument)
        if name == "Fn::GetAtt":
            return self._attribute(*argument)
        if name == "Fn::If":
            condition, then, otherwise = argument
            return self.fill(then if self._holds({"Condition": condition}) else otherwise)
        if name == "Fn::Split":
            between, joined = argument
            return str(self.fill(joined)).split(between)
        text, own = argument if isinstance(argument, list) else (argument, {})
        values = {**self._values, **self.fill(own)}
        return re.sub(r"\$\{([^}!]+)\}", lambda found: str(values[found[1]]), text)

    def _attribute(self, resource: str, attribute: str) -> str:
        """An ARN by the name that the template gives; other resources stand for themselves."""
        assert attribute == "Arn"
        properties = self.properties(resource)
        region, account = PSEUDO["AWS::Region"], PSEUDO["AWS::AccountId"]
        if "LogGroupName" in properties:
            # GetAtt of a log group ends with the streams in it.
            return f"arn:aws:logs:{region}:{account}:log-group:{properties['LogGroupName']}:*"
        if "TableName" in properties:
            return f"arn:aws:dynamodb:{region}:{account}:table/{properties['TableName']}"
        return resource

    def _holds(self, condition: Any) -> bool:
        (name, argument), *_ = condition.items()
        if name == "Condition":
            return self._holds(self._template["Conditions"][argument])
        if name == "Fn::Not":
            return not self._holds(argument[0])
        if name == "Fn::And":
            return all(self._holds(each) for each in argument)
        assert name == "Fn::Equals", name
        left, right = (self.fill(each) for each in argument)
        return bool(left == right)


def is_allowed(
    request: Request, statements: Iterable[Statement], boundary: Iterable[Statement] | None = None
) -> bool:
    limits = [list(statements), *([list(boundary)] if boundary is not None else [])]
    if any(_matches(request, each) for policy in limits for each in policy if each["Effect"] == "Deny"):
        return False
    return all(any(_matches(request, each) for each in policy if each["Effect"] == "Allow") for policy in limits)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _matches(request: Request, statement: Statement) -> bool:
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}, statement
    return (
        any(_like(pattern.lower(), request.action.lower()) for pattern in listed(statement["Action"]))
        and any(_like(pattern, request.resource) for pattern in listed(statement["Resource"]))
        and all(
            _condition(operator, key, listed(wanted), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _condition(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    quantifier, _, comparison = operator.rpartition(":")
    assert comparison in ("StringEquals", "StringLike", "ArnEquals"), operator
    given = listed(context.get(key, []))
    compare = _equal if comparison == "StringEquals" else _like
    fits = [any(compare(pattern, value) for pattern in wanted) for value in given]
    # ForAllValues is also true of a request without the key; otherwise a missing key is no match.
    return all(fits) if quantifier == "ForAllValues" else any(fits)


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


def _like(pattern: str, value: str) -> bool:
    parts = {"*": ".*", "?": "."}
    return (
        re.fullmatch("".join(parts.get(each) or re.escape(each) for each in pattern), value, re.DOTALL) is not None
    )
