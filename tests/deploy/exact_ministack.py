"""ministack, put right in points in which it differs from AWS. Run by ministack's Python, not imported.

It asks a role for ssm:GetParameters on "*", and AWS for each name: a role scoped to its own path would be refused.
It gives SAM's transform no parameters, AWS does: a `!Ref` in AutoPublishCodeSha256 would see its default alone.
Its CloudFormation leaves the permissions boundary of a role out; with it, ministack itself enforces it.
It leaves out the DurableConfig of a function too. Its own executions are not as AWS's: see exact_durable.py.
One alias of a function is to it a list of them. And it is called over http: the bucket of sam refuses that.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

Function = Callable[..., Any]
_CLOUDFORMATION = "ministack.services.cloudformation"


def by_name(extract_resource_arn: Function) -> Function:
    """All names of the call, one a line."""

    def extract(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any) -> Any:
        if service != "ssm" or not headers.get("x-amz-target", "").endswith(".GetParameters"):
            return extract_resource_arn(service, method, path, headers, body, *rest)
        _, region, account = rest
        names = json.loads(body)["Names"]
        return "\n".join(f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}" for name in names)

    return extract


def each(enforce: Function) -> Function:
    """The first denial: one name that is refused refuses the call."""

    def enforced(key: str, action: str, *rest: Any, resource_arn: str, **options: Any) -> Any:
        names = resource_arn.split("\n") if action == "ssm:GetParameters" else [resource_arn]
        answers = [enforce(key, action, *rest, resource_arn=name, **options) for name in names]
        return next((denied for denied in answers if denied), None)

    return enforced


def with_parameters(apply: Function, engine: Any, sam: Any) -> Function:
    """Let SAM's transform see what the parameters are in this deployment."""
    transform = sam.transform

    def applied(template: Any, provided: Any = None, previous: Any = None) -> Any:
        values = engine._transform_parameters(template, provided, previous)
        sam.transform = lambda given, _, loader: transform(given, values, loader)
        return apply(template, provided, previous)

    return applied


def with_boundary(provision: Function, roles: Any) -> Function:
    """Creating or changing a role sets the boundary of the template, or takes it away."""

    def provisioned(*arguments: Any, **options: Any) -> Any:
        answer = provision(*arguments, **options)
        # The properties come last but for the stack's name.
        properties = [each for each in arguments if isinstance(each, dict)][-1]
        roles[answer[0]]["PermissionsBoundary"] = properties.get("PermissionsBoundary")
        return answer

    return provisioned


def with_durability(provision: Function, functions: Any) -> Function:
    """Creating or changing a function keeps what makes it durable, with numbers where parameters gave texts."""

    def provisioned(*arguments: Any, **options: Any) -> Any:
        answer = provision(*arguments, **options)
        properties = [each for each in arguments if isinstance(each, dict)][-1]
        if given := properties.get("DurableConfig"):
            durable = {name: int(value) for name, value in given.items()}
            functions[answer[0]]["config"]["DurableConfig"] = durable
        return answer

    return provisioned


def by_alias(lambda_action: Function) -> Function:
    def action(method: str, path: str) -> Any:
        if path.rstrip("/").split("/")[-2:-1] == ["aliases"]:
            return {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}[method]
        return lambda_action(method, path)

    return action


def over_tls(resolve: Function) -> Function:
    """AWS is always called so; that this one is not is of no interest to a policy."""

    def resolved(key: str, context: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    return resolved


def main() -> None:
    actions: Any = import_module("ministack.core.iam_actions")
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    actions.extract_resource_arn = by_name(actions.extract_resource_arn)
    evaluator.enforce = each(evaluator.enforce)
    evaluator._resolve_condition_key = over_tls(evaluator._resolve_condition_key)
    actions._lambda_action = by_alias(actions._lambda_action)

    provisioners: Any = import_module(f"{_CLOUDFORMATION}.provisioners")
    iam: Any = import_module("ministack.services.iam")
    for step in ("create", "update"):
        role = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
        role[step] = with_boundary(role[step], iam._roles)
    functions: Any = import_module("ministack.services.lambda_svc")
    for step in ("create", "update"):
        function = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
        function[step] = with_durability(function[step], functions._functions)

    engine: Any = import_module(f"{_CLOUDFORMATION}.engine")
    sam: Any = import_module("samtranslator.translator.transform")
    applied = with_parameters(engine._apply_transforms, engine, sam)
    for name in ("changesets", "handlers"):
        module: Any = import_module(f"{_CLOUDFORMATION}.{name}")
        module._apply_transforms = applied

    durable: Any = import_module("exact_durable")
    durable.install(sys.argv.pop())

    ministack: Any = import_module("ministack.app")
    ministack.main()


if __name__ == "__main__":
    main()
