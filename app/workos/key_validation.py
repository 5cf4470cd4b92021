"""Ask WorkOS whether an API key is valid, and read the answer strictly: what is unclear lets nobody in."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from app.auth.api_keys import ApiKey, KeyUncheckable

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

logger = logging.getLogger(__name__)

MAX_VALIDATION_SECONDS = 5.0
"""For one key: an attempt of three seconds, and on first use the import of the SDK and the fetch of our key."""
_INVALID_QUESTION = (400, 409, 422)
"""Statuses with which WorkOS refuses this question alone, so that other keys can still be asked about."""


class UnexpectedAnswer(Exception):
    """WorkOS answered in another form than its documentation says: that is neither a yes nor a no."""


class UnexpectedKey(UnexpectedAnswer):
    """It described this key in another form. Other keys are still asked about: one caller stops no other."""


class KeyValidation:
    """The function that app.auth.api_keys asks; `client` gives the SDK's client."""

    def __init__(
        self, client: Callable[[], Awaitable["AsyncWorkOSClient"]], max_seconds: float = MAX_VALIDATION_SECONDS
    ) -> None:
        self._client = client
        self._max_seconds = max_seconds

    async def __call__(self, value: str) -> ApiKey | None:
        """Return the key; None if WorkOS does not accept it: unknown, revoked, expired or of another environment.

        Raises:
            KeyUncheckable: no answer, or a refusal. A 401 is about the key of this server, not of the caller.
        """
        try:
            async with asyncio.timeout(self._max_seconds):
                client = await self._client()
                # Not create_validation: its model does not check the types of what it reads.
                answer = await client.request_raw("post", ("api_keys", "validations"), body={"value": value})
            return _read_answer(answer)
        except Exception as error:  # noqa: BLE001 - of any kind: nothing but an answer says yes or no
            from app.workos.answer_log import describe  # imported only after a failure, to keep a cold start short

            logger.warning("an API key could not be checked", extra=describe(error))
            status = getattr(error, "status_code", None)
            is_about_key = isinstance(error, UnexpectedKey) or status in _INVALID_QUESTION
            raise KeyUncheckable(concerns_all=not is_about_key) from None


def _read_answer(answer: Mapping[str, Any]) -> ApiKey | None:
    # Without the member, it is the answer of something else: an unknown key is `"api_key": null`.
    key = answer.get("api_key", ...)
    if key is None:
        return None
    if not isinstance(key, dict):
        raise UnexpectedAnswer("no object")
    try:
        return _read_key(key)
    except UnexpectedAnswer as unexpected:
        raise UnexpectedKey(*unexpected.args) from None


def _read_key(found: Mapping[str, Any]) -> ApiKey:
    owner = _expect_object(found.get("owner"))
    kind = _expect_owner(owner.get("type"))
    owner_id = _expect_text(owner.get("id"))
    expires_at = found.get("expires_at")
    return ApiKey(
        id=_expect_text(found.get("id")),
        owner=kind,
        owner_id=owner_id,
        organization_id=owner_id if kind == "organization" else _expect_text(owner.get("organization_id")),
        permissions=_expect_texts(found.get("permissions")),
        created_at=_expect_time(found.get("created_at")),
        expires_at=None if expires_at is None else _expect_time(expires_at),
    )


def _expect_object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnexpectedAnswer("no object")
    return value


def _expect_owner(value: Any) -> Literal["user", "organization"]:
    if value == "user":
        return "user"
    if value == "organization":
        return "organization"
    raise UnexpectedAnswer("an owner of another type")


def _expect_texts(value: Any) -> frozenset[str]:
    if not isinstance(value, list):
        raise UnexpectedAnswer("no list")
    return frozenset(_expect_text(each) for each in value)


def _expect_text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise UnexpectedAnswer("no text")
    return value


def _expect_time(value: Any) -> float:
    try:
        time = datetime.fromisoformat(_expect_text(value))
    except ValueError:
        raise UnexpectedAnswer("no time") from None
    if time.tzinfo is None:
        raise UnexpectedAnswer("a time without a zone")
    return time.timestamp()
