"""What WorkOS said, or how it could not be asked, as members of a log line.

An operator has to tell a changed answer, a redirect, a broken connection and a wrong address apart, and WorkOS'
support asks for the request id. No key is in it, no id, and nothing that a caller wrote: a message of WorkOS may
repeat an argument.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from app.current import Slot

MAX_DETAIL_CHARACTERS = 300
MAX_ERRORS = 5
"""Of the fields that WorkOS refuses, the first ones."""
_MAX_READ_CHARACTERS = 4000
"""Of a message: what is behind them is not even looked at."""
_MAX_SENT_VALUES = 200
_HIDDEN = "\u2026"

# Every word of the API's paths that the SDK knows. Whatever else stands in a path is an id or a caller's text.
PATH_WORDS = frozenset(
    """
    accept actions agents api-key api_keys applications approve attempts audit_log_configuration audit_logs
    audit_logs_retention auth auth_factors authenticate authkit authkit_oauth_resources authorization authorize
    authorized_applications blueprints by_token challenge challenges check claims client client-credentials
    client_secrets complete confirm connect connected_accounts connections cors_origins credentials
    data-integrations data-key data_providers deactivate decrypt deny device directories directory_groups
    directory_users disable email_change email_verification enable enroll entries events expire exports external_id
    factors feature-flags finish generate_link groups identities instances invitations it_contacts jwks
    jwt_template keys kv lists logout magic_auth metadata name oauth2 organization organization-memberships
    organization_domains organization_memberships organizations password_reset passwordless permissions platform
    portal profile radar radar_challenges reactivate redirect_uris registrations rekey resend resources revoke
    revoke_link role_assignments roles saml_idp_signing_certs saml_sp_encryption_certs saml_sp_signing_cert schemas
    send sessions sso sync targets teams token tokens user_management users v1 validate validations vault verify
    versions waitlist_entries waitlists webhook_endpoints widgets
    """.split()  # noqa: SIM905 - written out as a list, they would be more than the rest of this file
)
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]/*-]{1,80}")
_FIELD_IN_QUOTES = re.compile(r"[a-z][a-z_]*(\.[a-z_]+)*")
_QUOTED = re.compile(r"""(["'`\u201c\u2018])(.*?)(["'`\u201d\u2019])""", re.DOTALL)
# Addresses, URLs, keys, ids and long words with digits such as tokens, wherever a message has them from.
_SPEAKING = re.compile(r"\S+@\S+|\w+://\S+|\b(?:sk|pk|key|whsec)_\S+|\b[A-Za-z_]+_\d\w*|[A-Za-z0-9+/_=.-]{20,}")
_MODEL = re.compile(r"while parsing (\w{1,80})")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to WorkOS, as far as a log may know of it."""

    method: str
    url: str

    @property
    def endpoint(self) -> str:
        """Such as `GET /user_management/users/{}`."""
        parts = urlsplit(self.url).path.split("/")[1:]
        return f"{self.method} /{'/'.join(part if part in PATH_WORDS else '{}' for part in parts)}"

    @property
    def host(self) -> str:
        """Where WORKOS_BASE_URL leads, which may be wrong."""
        return _printable(urlsplit(self.url).netloc.rpartition("@")[2], 100)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that brought no answer of WorkOS'."""

    kind: str
    """Such as `refused`, `dns`, `timeout`, `redirect`, `not_json`."""
    asked: Asked
    status: int | None = None
    redirect: str | None = None
    """The Location of a redirect."""


last_answer: Slot[tuple[Asked, str]] = Slot("last answer of WorkOS")
"""The last answer that the SDK was given in this task, and its request id: what it cannot read is this one."""


def describe(error: BaseException) -> dict[str, Any]:
    """The members, for an error of the SDK's or of whatever stood before it."""
    failure = getattr(error.__cause__, "failure", None)
    if isinstance(failure, Failure):
        return _members(error, _of_failure(failure))
    if isinstance(getattr(error, "status_code", None), int):
        return _members(error, _of_refusal(error))
    if type(error).__name__ == "WorkOSError":
        return _members(error, _of_changed_answer(error))
    return _members(error, {"failure": "timeout"} if isinstance(error, TimeoutError) else {})


def _members(error: BaseException, known: dict[str, Any]) -> dict[str, Any]:
    always = {"reason": type(error).__name__, "status": None, "workos_request_id": None, "code": None}
    return {**always, **{name: value for name, value in known.items() if value}}


def _of_failure(failure: Failure) -> dict[str, Any]:
    return {
        "failure": failure.kind,
        "status": failure.status,
        "endpoint": failure.asked.endpoint,
        "host": failure.asked.host,
        "redirect_host": None if failure.redirect is None else redirect_host(failure.redirect),
    }


def _of_refusal(error: BaseException) -> dict[str, Any]:
    asked = Asked(str(getattr(error, "request_method", "")), str(getattr(error, "request_url", "")))
    response = getattr(error, "response", None)
    sent = set(_sent(asked.url, getattr(response, "sent", None)))
    body = getattr(error, "response_json", None)
    said = body if isinstance(body, dict) else {}
    text = next((each for each in (said.get("message"), said.get("error_description")) if each), "")
    code = said.get("code") or said.get("error")
    return {
        "status": getattr(error, "status_code", None),
        "workos_request_id": _named(_CODE, getattr(error, "request_id", None), set()),
        "code": _named(_CODE, code, sent),
        "param": _named(_FIELD, said.get("param"), sent),
        "detail": _clean(str(text), sent),
        "errors": _errors(said.get("errors"), sent),
        # WorkOS refuses in JSON. What does not is in front of it, or is at a wrong address.
        "failure": "not_json" if getattr(response, "is_foreign", False) else None,
        "endpoint": asked.endpoint,
        "host": asked.host,
    }


def _of_changed_answer(error: BaseException) -> dict[str, Any]:
    """An answer that the SDK cannot read: its error says which object it wanted, and what was amiss."""
    known = last_answer.find()
    asked, request_id = known or (None, "")
    return {
        "failure": "changed_answer",
        "detail": _misread(error),
        "endpoint": asked.endpoint if asked else None,
        "host": asked.host if asked else None,
        "workos_request_id": _named(_CODE, request_id, set()),
    }


def _misread(error: BaseException) -> str:
    """Such as `Organization: KeyError name`: of a value that does not fit, not even its form is repeated."""
    model, cause = _MODEL.search(str(error)), error.__cause__
    field = _named(_FIELD, cause.args[0], set()) if isinstance(cause, KeyError) and cause.args else None
    parts = (type(cause).__name__ if cause else None, field)
    return f"{model[1] if model else 'an answer'}: {' '.join(filter(None, parts)) or 'of another kind'}"


def redirect_host(location: str) -> str:
    """The host alone: a path or a query may repeat what was asked for."""
    try:
        return _printable(urlsplit(location).hostname or "the same", 100)
    except ValueError:
        return "no URL"


def _errors(errors: object, sent: set[str]) -> list[str]:
    """As `field code: message`, whichever of the three there are."""
    if isinstance(errors, dict):
        errors = [{"field": field, "message": message} for field, message in errors.items()]
    listed = errors[:MAX_ERRORS] if isinstance(errors, list) else []
    return [said for said in (_one_error(each, sent) for each in listed) if said]


def _one_error(error: object, sent: set[str]) -> str:
    if not isinstance(error, dict):
        return _clean(str(error), sent)
    places = (error.get(name) for name in ("field", "instancePath", "path", "param"))
    field = _named(_FIELD, next((place for place in places if place), None), sent)
    code = _named(_CODE, error.get("code"), sent)
    message = _clean(str(error.get("message") or ""), sent)
    return ": ".join(part for part in (" ".join(filter(None, (field, code))), message) if part)


def _named(form: re.Pattern[str], name: object, sent: set[str]) -> str | None:
    """A field, code or id as it is, if it can be one."""
    if not name:
        return None
    return name if isinstance(name, str) and form.fullmatch(name) and name.lower() not in sent else _HIDDEN


def _clean(text: str, sent: set[str]) -> str:
    """The message without what we sent, what it quotes, and what looks like an address, a key or an id."""
    text = text[:_MAX_READ_CHARACTERS]
    if sent:
        words = "|".join(re.escape(value) for value in sorted(sent, key=len, reverse=True))
        text = re.sub(rf"(?<!\w)(?:{words})(?!\w)", _HIDDEN, text, flags=re.IGNORECASE)
    text = _QUOTED.sub(_hide_quoted, text)
    return _printable(_SPEAKING.sub(_hide_speaking, text), MAX_DETAIL_CHARACTERS)


def _hide_quoted(found: re.Match[str]) -> str:
    opening, inside, closing = found.groups()
    return found[0] if _FIELD_IN_QUOTES.fullmatch(inside) else f"{opening}{_HIDDEN}{closing}"


def _hide_speaking(found: re.Match[str]) -> str:
    """A long word without any digit is a name of the SDK's or of the API's."""
    word = found[0]
    is_name = not any(each.isdigit() for each in word) and "@" not in word and "://" not in word
    return word if is_name and not word.startswith(("sk_", "pk_", "key_", "whsec_")) else _HIDDEN


def _sent(url: str, content: bytes | None) -> Iterator[str]:
    """What a caller may have written of the request, in lower case: ids, the query's and the body's values."""
    parts = urlsplit(url)
    values = [unquote(part) for part in parts.path.split("/") if part not in PATH_WORDS]
    values += [value for _, value in parse_qsl(parts.query)]
    values += _texts(json.loads(content)) if content else []
    for value in values[:_MAX_SENT_VALUES]:
        # A number of few digits, a letter: too common to be anybody's secret.
        if len(value) > 1 and not (value.isdecimal() and len(value) < 5):
            yield value.lower()


def _texts(value: object, *, keys: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if keys:
                yield name
            # Names of metadata are an author's, and may be a caller's; all others are the API's.
            yield from _texts(each, keys=keys or name == "metadata")
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, keys=keys)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def _printable(text: str, limit: int) -> str:
    shown = "".join(each if each.isprintable() else " " for each in text[:limit])
    return shown if len(text) <= limit else f"{shown[: limit - 1]}{_HIDDEN}"
