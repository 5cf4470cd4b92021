"""Read AUDIT_LOG_ACTIONS: the audit log actions that tools write themselves, with the types of their targets."""

import re
from collections.abc import Mapping

from infra.local.seed.load import SeedError, load_seed

_ACTION = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_TYPE = re.compile(r"[A-Za-z0-9_.-]+")


class InvalidAction(Exception):
    """AUDIT_LOG_ACTIONS has something that is not an action; the message says what to write."""


def read_tool_actions(text: str) -> Mapping[str, tuple[str, ...]]:
    """Read actions with their targets, such as `document.viewed:document user.renamed:user+organization`.

    For an action without targets they are taken from the seed file, where the local WorkOS API has them from. They
    are empty if it has no such action.

    Raises:
        InvalidAction: if one of them is not an action with types of targets.
    """
    found: dict[str, tuple[str, ...]] = {}
    for word in text.replace(",", " ").split():
        action, colon, targets = word.partition(":")
        types = tuple(targets.split("+")) if colon else ()
        if not _ACTION.fullmatch(action) or not all(_TYPE.fullmatch(each) for each in types):
            raise InvalidAction(
                f"AUDIT_LOG_ACTIONS: {word[:60]!r} is not an action; write document.viewed, or "
                "document.viewed:document with the types of its targets (+ between several)"
            )
        found[action] = types or _find_seeded_targets(action)
    return found


def _find_seeded_targets(action: str) -> tuple[str, ...]:
    try:
        rows = load_seed().audit_log_actions
    except SeedError:
        return ()
    return next((each.targets for each in rows if each.action == action), ())
