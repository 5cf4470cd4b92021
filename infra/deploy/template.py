"""Merge the team's template.team.yaml into template.yaml: `python -m infra.deploy.template` prints its name.

`make build` and `make lint-template` do this by themselves. With sam alone, give it that file as `--template`.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from infra.deploy.deployment import REPOSITORY, InvalidDeployment

TEMPLATE = REPOSITORY / "template.yaml"
TEAM_TEMPLATE = REPOSITORY / "template.team.yaml"
MERGED = REPOSITORY / "template.merged.yaml"
"""In the repository's root, because sam reads paths in a template relative to it. It is not in git."""
_SECTIONS = {"Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs", "Metadata"}
_SHARED_WITH_WORKER = {
    "McpFunction": ("Worker", ("Environment", "Layers")),
    "FunctionRole": ("WorkerRole", ("Policies", "ManagedPolicyArns")),
}
_Merged = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """Reads CloudFormation's short forms: `!Ref X` as {"Ref": "X"}, `!Sub x` as {"Fn::Sub": "x"}."""


def _read_short_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if tag == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None}


_Loader.add_multi_constructor("!", _read_short_form)


def _read_as_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(node.value)


# An IAM policy's `Version: 2012-10-17` is text to CloudFormation, with quotes or without.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _read_as_text)


def find_template() -> Path:
    """The template to build and check: template.yaml, or the merged file if the team's has anything in it.

    Raises:
        InvalidDeployment: template.team.yaml cannot be read or merged.
    """
    own = _read(TEAM_TEMPLATE) if TEAM_TEMPLATE.exists() else {}
    if not any(own.values()):
        return TEMPLATE
    merged = merge_templates(_read(TEMPLATE), own)
    head = "# Made of template.yaml and template.team.yaml by `make build`: change those.\n"
    MERGED.write_text(
        head + yaml.dump(merged, Dumper=yaml.CSafeDumper, sort_keys=False, width=120), encoding="utf-8"
    )
    return MERGED


def merge_templates(template: _Merged, own: _Merged) -> _Merged:
    """A template with the team's sections in it; `own` wins.

    Raises:
        InvalidDeployment: `own` has a section that templates do not have.
    """
    if unknown := own.keys() - _SECTIONS:
        raise InvalidDeployment(
            f"{TEAM_TEMPLATE.name} has {min(unknown)}, which cannot be merged: use {', '.join(sorted(_SECTIONS))}"
        )
    given = {name: section for name, section in own.items() if section}
    merged: _Merged = _merge(_merge(template, _for_worker(given)), given)
    return merged


def _for_worker(own: _Merged) -> _Merged:
    """What the team gives to McpFunction and its role that background tools need too, as additions to the worker.

    The worker runs the same tools. What the team writes for Worker and WorkerRole themselves comes after it.
    """
    resources = own.get("Resources") or {}
    made = {}
    for name, (worker, properties) in _SHARED_WITH_WORKER.items():
        given = (resources.get(name) or {}).get("Properties") or {}
        if shared := {each: given[each] for each in properties if each in given}:
            made[worker] = {"Properties": shared}
    return {"Resources": made} if made else {}


def _merge(base: Any, own: Any) -> Any:
    if isinstance(base, dict) and isinstance(own, dict) and not (_is_function(base) or _is_function(own)):
        return {**base, **{name: _merge(base[name], each) if name in base else each for name, each in own.items()}}
    if isinstance(base, list) and isinstance(own, list):
        return [*base, *own]
    return own


def _is_function(value: dict[str, Any]) -> bool:
    """Whether it is an intrinsic function such as {"Fn::If": [...]}, whose parts mean nothing one by one."""
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _read(file: Path) -> _Merged:
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InvalidDeployment(f"{file.name} is not YAML: {error}") from None
    if not isinstance(found, dict | None):
        raise InvalidDeployment(f"{file.name} is not a template: it has sections such as Resources")
    return found or {}


def main() -> int:
    try:
        print(find_template().relative_to(REPOSITORY))
    except InvalidDeployment as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
