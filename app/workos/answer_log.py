"""What WorkOS answered, or why there is no answer, as members of a log line.

An operator must be able to tell a changed answer, a redirect, a broken connection and a wrong address apart, and
WorkOS' support asks for the request id. A log line never contains a key, an id or a text of a caller: WorkOS may
repeat an argument in its message.
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
"""Fields that WorkOS refuses; further ones are left out."""
_MAX_READ_CHARACTERS = 4000
"""The rest of a longer message is dropped before anything searches it."""
_MAX_SENT_VALUES = 200
_HIDDEN = "\u2026"

# Every word of the API's paths that the SDK knows. Everything else in a path is an id or a caller's text.
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
# Addresses, URLs, keys, ids, and long words with digits, such as tokens.
_REVEALING = re.compile(r"\S+@\S+|\w+://\S+|\b(?:sk|pk|key|whsec)_\S+|\b[A-Za-z_]+_\d\w*|[A-Za-z0-9+/_=.-]{20,}")
_MODEL = re.compile(r"while parsing (\w{1,80})")


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """One request to WorkOS, reduced to what a log line may contain."""

    method: str
    url: str

    @property
    def endpoint(self) -> str:
        """The method and the path without ids, such as `GET /user_management/users/{}`."""
        parts = urlsplit(self.url).path.split("/")[1:]
        return f"{self.method} /{'/'.join(part if part in PATH_WORDS else '{}' for part in parts)}"

    @property
    def host(self) -> str:
        """The host that WORKOS_BASE_URL names, which may be wrong."""
        return _printable(urlsplit(self.url).netloc.rpartition("@")[2], 100)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request got no answer from WorkOS."""

    kind: str
    """A slug such as `refused`, `dns`, `timeout`, `redirect`, `not_json`."""
    request: RequestSummary
    status: int | None = None
    redirect: str | None = None
    """The Location of a redirect."""


last_answer: Slot[tuple[RequestSummary, str]] = Slot("last answer of WorkOS")
"""The last answer that the SDK got in this exchange, and its request id: if it cannot read one, it is this one."""


def describe(error: BaseException) -> dict[str, Any]:
    """Return the members for an error of the SDK, or for one that kept it from being called."""
    failure = getattr(error.__cause__, "failure", None)
    if isinstance(failure, Failure):
        return _build_members(error, _describe_failure(failure))
    if isinstance(getattr(error, "status_code", None), int):
        return _build_members(error, _describe_refusal(error))
    if type(error).__name__ == "WorkOSError":
        return _build_members(error, _describe_changed_answer(error))
    return _build_members(error, {"failure": "timeout"} if isinstance(error, TimeoutError) else {})


def _build_members(error: BaseException, known: dict[str, Any]) -> dict[str, Any]:
    always = {"reason": type(error).__name__, "status": None, "workos_request_id": None, "code": None}
    return {**always, **{name: value for name, value in known.items() if value}}


def _describe_failure(failure: Failure) -> dict[str, Any]:
    return {
        "failure": failure.kind,
        "status": failure.status,
        "endpoint": failure.request.endpoint,
        "host": failure.request.host,
        "redirect_host": None if failure.redirect is None else read_redirect_host(failure.redirect),
    }


def _describe_refusal(error: BaseException) -> dict[str, Any]:
    request = RequestSummary(str(getattr(error, "request_method", "")), str(getattr(error, "request_url", "")))
    response = getattr(error, "response", None)
    sent = set(_list_sent_texts(request.url, getattr(response, "sent", None)))
    body = getattr(error, "response_json", None)
    answer = body if isinstance(body, dict) else {}
    text = next((each for each in (answer.get("message"), answer.get("error_description")) if each), "")
    code = answer.get("code") or answer.get("error")
    return {
        "status": getattr(error, "status_code", None),
        "workos_request_id": _keep_name(_CODE, getattr(error, "request_id", None), set()),
        "code": _keep_name(_CODE, code, sent),
        "param": _keep_name(_FIELD, answer.get("param"), sent),
        "detail": _clean(str(text), sent),
        "errors": _list_problems(answer.get("errors"), sent),
        # WorkOS refuses in JSON. Another form comes from a server in front of it, or at a wrong address.
        "failure": "not_json" if getattr(response, "is_foreign", False) else None,
        "endpoint": request.endpoint,
        "host": request.host,
    }


def _describe_changed_answer(error: BaseException) -> dict[str, Any]:
    """Describe an answer that the SDK cannot read: its error names the model, and the field that is wrong."""
    known = last_answer.find()
    request, request_id = known or (None, "")
    return {
        "failure": "changed_answer",
        "detail": _name_misfit(error),
        "endpoint": request.endpoint if request else None,
        "host": request.host if request else None,
        "workos_request_id": _keep_name(_CODE, request_id, set()),
    }


def _name_misfit(error: BaseException) -> str:
    """Return a text such as `Organization: KeyError name`. It repeats nothing of the value that does not fit."""
    model, cause = _MODEL.search(str(error)), error.__cause__
    field = _keep_name(_FIELD, cause.args[0], set()) if isinstance(cause, KeyError) and cause.args else None
    parts = (type(cause).__name__ if cause else None, field)
    return f"{model[1] if model else 'an answer'}: {' '.join(filter(None, parts)) or 'of another kind'}"


def read_redirect_host(location: str) -> str:
    """Return only the host of a Location: its path or query may repeat an argument."""
    try:
        return _printable(urlsplit(location).hostname or "the same", 100)
    except ValueError:
        return "no URL"


def _list_problems(errors: object, sent: set[str]) -> list[str]:
    """Return texts of the form `field code: message`, each with those of the three parts that WorkOS sent."""
    if isinstance(errors, dict):
        errors = [{"field": field, "message": message} for field, message in errors.items()]
    listed = errors[:MAX_ERRORS] if isinstance(errors, list) else []
    return [text for text in (_describe_error(each, sent) for each in listed) if text]


def _describe_error(error: object, sent: set[str]) -> str:
    if not isinstance(error, dict):
        return _clean(str(error), sent)
    places = (error.get(name) for name in ("field", "instancePath", "path", "param"))
    field = _keep_name(_FIELD, next((place for place in places if place), None), sent)
    code = _keep_name(_CODE, error.get("code"), sent)
    message = _clean(str(error.get("message") or ""), sent)
    return ": ".join(part for part in (" ".join(filter(None, (field, code))), message) if part)


def _keep_name(form: re.Pattern[str], name: object, sent: set[str]) -> str | None:
    """Return a field, code or id unchanged if it has that form and the caller did not send it."""
    if not name:
        return None
    return name if isinstance(name, str) and form.fullmatch(name) and name.lower() not in sent else _HIDDEN


def _clean(text: str, sent: set[str]) -> str:
    """Return the message without what we sent, what it quotes, and what looks like an address, a key or an id."""
    text = text[:_MAX_READ_CHARACTERS]
    if sent:
        words = "|".join(re.escape(value) for value in sorted(sent, key=len, reverse=True))
        text = re.sub(rf"(?<!\w)(?:{words})(?!\w)", _HIDDEN, text, flags=re.IGNORECASE)
    text = _QUOTED.sub(_hide_quoted, text)
    return _printable(_REVEALING.sub(_hide_revealing, text), MAX_DETAIL_CHARACTERS)


def _hide_quoted(found: re.Match[str]) -> str:
    opening, inside, closing = found.groups()
    return found[0] if _FIELD_IN_QUOTES.fullmatch(inside) else f"{opening}{_HIDDEN}{closing}"


def _hide_revealing(found: re.Match[str]) -> str:
    """Keep a long word without a digit: it is a name of the SDK or of the API."""
    word = found[0]
    is_name = not any(each.isdigit() for each in word) and "@" not in word and "://" not in word
    return word if is_name and not word.startswith(("sk_", "pk_", "key_", "whsec_")) else _HIDDEN


def _list_sent_texts(url: str, content: bytes | None) -> Iterator[str]:
    """Yield what a caller may have written in the request, in lower case: ids, and values of query and body."""
    parts = urlsplit(url)
    values = [unquote(part) for part in parts.path.split("/") if part not in PATH_WORDS]
    values += [value for _, value in parse_qsl(parts.query)]
    values += _list_texts(json.loads(content)) if content else []
    for value in values[:_MAX_SENT_VALUES]:
        # A short number or a single letter is too common to be a secret.
        if len(value) > 1 and not (value.isdecimal() and len(value) < 5):
            yield value.lower()


def _list_texts(value: object, *, keys: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if keys:
                yield name
            # The member names of metadata come from the author or a caller; all other names are the API's.
            yield from _list_texts(each, keys=keys or name == "metadata")
    elif isinstance(value, list):
        for each in value:
            yield from _list_texts(each, keys=keys)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def _printable(text: str, limit: int) -> str:
    shown = "".join(each if each.isprintable() else " " for each in text[:limit])
    return shown if len(text) <= limit else f"{shown[: limit - 1]}{_HIDDEN}"
