"""Check the update of a user: which fields may change, and WorkOS' limits."""

import re
from collections.abc import Collection
from typing import cast

from infra.local.workos_api.body import Body
from infra.local.workos_api.errors import InvalidParameters, Unprocessable
from infra.local.workos_api.rows import Row

_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CHANGEABLE = ("first_name", "last_name", "metadata", "external_id", "locale")
# WorkOS can change these too. Here the login pages, which use the seed, would then differ from the API.
_NOT_HERE = ("email", "email_verified", "name", "password", "password_hash", "password_hash_type")


def read_changes(body: Body, user: Row, taken_external_ids: Collection[object]) -> Row:
    """Read the changed fields.

    Raises:
        InvalidParameters: if a field is unknown or has the wrong type.
        Unprocessable: if a value is too long, in use already, or not a locale.
    """
    for name in _NOT_HERE:
        if name in body.values:
            raise InvalidParameters(name, "unknown", "The local WorkOS API does not change it; production does.")
    body.only(*_CHANGEABLE)
    names = {name: _text(body, name) for name in ("first_name", "last_name") if name in body.values}
    changes = {name: _text_or_null(body, name) for name in ("external_id", "locale") if name in body.values}
    _check_external_id(changes.get("external_id"), taken_external_ids)
    locale = changes.get("locale")
    if locale is not None and not _LOCALE.fullmatch(locale):
        raise Unprocessable("invalid_locale")
    if "metadata" in body.values:
        known = cast("dict[str, str]", user["metadata"])
        return {**names, **changes, "metadata": _merged(known, _metadata(body))}
    return {**names, **changes}


def _text(body: Body, name: str) -> str:
    value = body.values[name]
    if not isinstance(value, str):
        raise InvalidParameters(name, why="It must be a string.")
    return value


def _text_or_null(body: Body, name: str) -> str | None:
    return None if body.values[name] is None else _text(body, name)


def _check_external_id(value: str | None, taken: Collection[object]) -> None:
    if value is None:
        return
    if not value or len(value) > 128 or not value.isascii():
        raise InvalidParameters("external_id", why="It must have 1 to 128 ASCII characters.")
    if value in taken:
        raise Unprocessable("external_id_already_used")


def _metadata(body: Body) -> dict[str, str | None]:
    values = {} if body.values["metadata"] is None else body.nested("metadata").values
    for key, value in values.items():
        if value is not None and not isinstance(value, str):
            raise InvalidParameters(f"metadata.{key}", why="It must be a string, or null to delete the key.")
    return cast("dict[str, str | None]", dict(values))


def _merged(known: dict[str, str], given: dict[str, str | None]) -> dict[str, str]:
    """Merge metadata: a value sets its key, null deletes it, and an empty object deletes all keys."""
    together = {**known, **given} if given else {}
    merged = {key: value for key, value in together.items() if value is not None}
    if len(merged) > 50 or any(len(key) > 40 or len(value) > 600 for key, value in merged.items()):
        raise Unprocessable("invalid_metadata")
    return merged
