"""ministack, put right in two points in which it differs from AWS. Run by ministack's Python, not imported.

It asks a role for ssm:GetParameters on "*", and AWS for each name: a role scoped to its own path would be refused.
It gives SAM's transform no parameters, AWS does: a `!Ref` in AutoPublishCodeSha256 would see its default alone.
"""

import json
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


def main() -> None:
    actions: Any = import_module("ministack.core.iam_actions")
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    actions.extract_resource_arn = by_name(actions.extract_resource_arn)
    evaluator.enforce = each(evaluator.enforce)

    engine: Any = import_module(f"{_CLOUDFORMATION}.engine")
    sam: Any = import_module("samtranslator.translator.transform")
    applied = with_parameters(engine._apply_transforms, engine, sam)
    for name in ("changesets", "handlers"):
        module: Any = import_module(f"{_CLOUDFORMATION}.{name}")
        module._apply_transforms = applied

    ministack: Any = import_module("ministack.app")
    ministack.main()


if __name__ == "__main__":
    main()
