"""The settings: environment variables, all checked at the start. Each error names the variable and the fix."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, TypeVar

from app.access.quota_rules import (
    QuotaRules,
    parse_calls,
    parse_table_name,
    parse_when_unavailable,
    parse_window_seconds,
)
from app.access.requirements import SCOPE
from app.auth.urls import check_browser_origin, check_https_url, normalize_origin
from app.authoring.settings import EnvironmentSettings
from app.runtime.secrets import parse_parameter_name, parse_parameter_path, parse_request_state_keys

Parsed = TypeVar("Parsed")
Audience = Literal["resource", "client_id", "both"]

KEY_FILE = Path(__file__).with_name("signing_keys.json")
"""Signing keys that a deployment may put beside the code. No checkout has this file."""


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message says for each of them how to fix it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of the settings, as the table in the README explains them. The repr shows no secret."""

    issuer: str
    """AuthKit's origin without a trailing slash: the `iss` of every token, compared byte for byte."""
    client_id: str
    base_url: str
    """This server's public origin, without a trailing slash."""
    api_key: str | None = field(default=None, repr=False)
    api_key_parameter: str | None = None
    workos_base_url: str | None = None
    """The address of another WorkOS API, such as a stand-in; None leaves it to the SDK."""
    docs_url: str | None = None
    token_audience: Audience = "resource"
    required_scopes: tuple[str, ...] = ()
    require_organization: bool = False
    allow_machine_tokens: bool = False
    allow_api_keys: bool = False
    api_key_memory_seconds: int = 60
    """How long a caller's API key is used before WorkOS is asked again: so long a revoked one lives on."""
    allowed_origins: frozenset[str] = frozenset()
    advertise_offline_access: bool = True
    """Whether the metadata names `offline_access`, without which some clients get no refresh token."""
    request_state_keys: tuple[bytes, ...] = field(default=(), repr=False)
    request_state_key_parameter: str | None = None
    team_secrets_path: str | None = None
    """Where SSM has the secrets of the team's own tools; with None they are variables of the environment only."""
    audit_log_action: str | None = None
    """The action under which WorkOS's Audit Logs show calls; None sends nothing there."""
    metrics_namespace: str | None = None
    """The CloudWatch namespace of this deployment's metrics; None is the name of the server's identity."""
    quota: QuotaRules | None = None
    """None if there is no quota."""
    worker_function: str | None = None
    """The Lambda function, with its version or alias, in which background tools run, if there are any."""
    landing_page: bool = True
    """Whether a browser that opens / or /mcp gets a page for people."""
    landing_page_note: tuple[str, ...] = ()
    """Lines of plain text on that page, such as whom to ask for access."""
    server_card: bool = False
    """Whether the server card and its catalogue are served, from which programs find this server."""
    serve_examples: bool = False
    """Whether the tools, prompts and resources of examples/ are served beside those of app/."""
    key_file: Path | None = KEY_FILE
    """Where deployed signing keys may be; with None this environment uses the keys that it fetches itself."""

    @property
    def resource(self) -> str:
        """The resource indicator (RFC 8707): the `aud` of a token, and the URL that users paste."""
        return f"{self.base_url}/mcp"

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] = os.environ, *, team: type[EnvironmentSettings] | None = None
    ) -> Self:
        """Read every setting of the server; those of `team`, which its tools read themselves, are only checked.

        Raises:
            SettingsError: naming each wrong or missing variable and what to set instead.
        """
        read = _Reader(environment)
        settings = cls(
            issuer=read.required("WORKOS_AUTHKIT_DOMAIN", parse_issuer, "acme.authkit.app"),
            client_id=read.required("WORKOS_CLIENT_ID", parse_client_id, "client_01ABC..."),
            base_url=read.required("BASE_URL", parse_base_url, "https://mcp.example.com"),
            api_key=read.optional("WORKOS_API_KEY", parse_secret, None),
            api_key_parameter=read.optional("WORKOS_API_KEY_PARAMETER", parse_parameter_name, None),
            workos_base_url=read.optional("WORKOS_BASE_URL", parse_workos_base_url, None),
            docs_url=read.optional("DOCS_URL", check_https_url, None),
            token_audience=read.optional("TOKEN_AUDIENCE", parse_audience, "resource"),
            required_scopes=read.optional("REQUIRED_SCOPES", parse_scopes, ()),
            require_organization=read.optional("REQUIRE_ORGANIZATION", parse_flag, False),
            allow_machine_tokens=read.optional("ALLOW_MACHINE_TOKENS", parse_flag, False),
            allow_api_keys=read.optional("ALLOW_API_KEYS", parse_flag, False),
            api_key_memory_seconds=read.optional("API_KEY_MEMORY_SECONDS", parse_memory_seconds, 60),
            allowed_origins=read.optional("ALLOWED_ORIGINS", parse_origins, frozenset()),
            advertise_offline_access=read.optional("ADVERTISE_OFFLINE_ACCESS", parse_flag, True),
            request_state_keys=read.optional("REQUEST_STATE_KEY", parse_request_state_keys, ()),
            request_state_key_parameter=read.optional("REQUEST_STATE_KEY_PARAMETER", parse_parameter_name, None),
            team_secrets_path=read.optional("TEAM_SECRETS_PATH", parse_parameter_path, None),
            audit_log_action=read.optional("AUDIT_LOG_ACTION", parse_audit_log_action, None),
            metrics_namespace=read.optional("POWERTOOLS_METRICS_NAMESPACE", parse_metrics_namespace, None),
            quota=_read_quota(read),
            worker_function=read.optional("WORKER_FUNCTION", parse_function, None),
            landing_page=read.optional("LANDING_PAGE", parse_flag, True),
            landing_page_note=read.optional("LANDING_PAGE_NOTE", parse_note, ()),
            server_card=read.optional("SERVER_CARD", parse_flag, False),
            serve_examples=read.optional("SERVE_EXAMPLES", parse_flag, False),
            key_file=KEY_FILE if read.optional("KEY_SNAPSHOT", parse_flag, True) else None,
        )
        _check_combinations(read, settings)
        for problem in team.find_problems(environment) if team else ():
            read.add_problem(problem)
        read.raise_problems()
        return settings


class _Reader:
    """Reads variables and collects the problems: an operator fixes all of them after one failed start."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._problems: list[str] = []

    def required(self, name: str, read: Callable[[str], str], example: str) -> str:
        if not self._environment.get(name):
            self._problems.append(f"{name} is not set; set it to your value, for example {example}")
            return ""
        return self.optional(name, read, "")

    def optional(self, name: str, read: Callable[[str], Parsed], default: Parsed) -> Parsed:
        value = self._environment.get(name)
        if not value:
            return default
        try:
            return read(value)
        except ValueError as problem:
            # The message does not quote the value, which may be a secret.
            self._problems.append(f"{name} {problem}")
            return default

    def add_problem(self, text: str) -> None:
        self._problems.append(text)

    def raise_problems(self) -> None:
        if self._problems:
            raise SettingsError("; and ".join(self._problems))


def _check_combinations(read: _Reader, settings: Settings) -> None:
    needs_key = {"AUDIT_LOG_ACTION": settings.audit_log_action, "ALLOW_API_KEYS": settings.allow_api_keys}
    for name, is_on in needs_key.items():
        if is_on and not (settings.api_key or settings.api_key_parameter):
            read.add_problem(f"{name} needs a WorkOS API key; set WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER")
    if settings.allow_api_keys and settings.required_scopes:
        read.add_problem(
            "ALLOW_API_KEYS lets nobody in while REQUIRED_SCOPES is set, because an API key has no scopes; "
            "unset REQUIRED_SCOPES, and write requires=scope(...) at the tools that need them"
        )


def _read_quota(read: _Reader) -> QuotaRules | None:
    rules = QuotaRules(
        table=read.optional("QUOTA_TABLE", parse_table_name, ""),
        per_user=read.optional("QUOTA_PER_USER", parse_calls, 0),
        per_organization=read.optional("QUOTA_PER_ORGANIZATION", parse_calls, 0),
        window_seconds=read.optional("QUOTA_WINDOW_SECONDS", parse_window_seconds, 3600),
        when_unavailable=read.optional("QUOTA_WHEN_UNAVAILABLE", parse_when_unavailable, "allow"),
    )
    limited = rules.per_user or rules.per_organization
    if rules.table and not limited:
        read.add_problem(
            "QUOTA_TABLE has nothing to count; set QUOTA_PER_USER or QUOTA_PER_ORGANIZATION, or leave it empty"
        )
    if limited and not rules.table:
        read.add_problem(
            "QUOTA_TABLE is not set; set it to the DynamoDB table that counts calls, or both limits to 0"
        )
    return rules if rules.table and limited else None


# What the text of each setting means. A ValueError says what is wrong, as a sentence that follows the name.


def parse_issuer(value: str) -> str:
    return normalize_origin(value if "://" in value else f"https://{value}", slash_allowed=True)


def parse_base_url(value: str) -> str:
    origin = normalize_origin(value, slash_allowed=False)
    if origin != value:
        # The resource indicator is compared byte for byte, by clients and by AuthKit.
        raise ValueError(f"must be written exactly as clients normalise it: {origin}")
    return origin


def parse_workos_base_url(value: str) -> str:
    """The API key is sent there, so plain http is accepted for this machine alone."""
    try:
        return normalize_origin(value, slash_allowed=True)
    except ValueError as problem:
        raise ValueError(f"{problem}; set it to an origin such as https://api.workos.com, or unset it") from None


def parse_client_id(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7E]+", value):
        raise ValueError("must be the client id from the WorkOS dashboard, without spaces")
    return value


def parse_secret(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("must not have spaces, line breaks or control characters around it")
    return value


def parse_audience(value: str) -> Audience:
    choices: dict[str, Audience] = {"resource": "resource", "client_id": "client_id", "both": "both"}
    if value not in choices:
        raise ValueError("must be resource, client_id or both")
    return choices[value]


def parse_scopes(value: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(value.split()))
    if not all(SCOPE.fullmatch(scope) for scope in scopes):
        raise ValueError('must be OAuth scopes separated by spaces, without quotes, for example "files:read"')
    if "offline_access" in scopes:
        raise ValueError("must not contain offline_access: it asks for a refresh token, it grants nothing here")
    return scopes


def parse_flag(value: str) -> bool:
    if value.lower() in {"true", "1", "yes", "on"}:
        return True
    if value.lower() in {"false", "0", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def parse_memory_seconds(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", value) or not 1 <= int(value) <= 60:
        raise ValueError("must be a whole number of seconds from 1 to 60, for example 30")
    return int(value)


def parse_origins(value: str) -> frozenset[str]:
    return frozenset(check_browser_origin(origin) for origin in value.split())


def parse_note(value: str) -> tuple[str, ...]:
    # Lambda has 4 KB for all variables together. Line breaks do not survive every way in which they are set.
    if not re.fullmatch(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,1000}", value):
        raise ValueError("must be at most 1000 characters of plain text; | begins a new line")
    return tuple(line.strip() for line in value.split("|") if line.strip())


def parse_audit_log_action(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value) or len(value) > 100:
        raise ValueError("must be an action configured in WorkOS's Audit Logs, for example mcp.tool_called")
    return value


def parse_metrics_namespace(value: str) -> str:
    # CloudWatch API reference, PutMetricData: the characters, and that names after AWS/ are AWS's own.
    if not re.fullmatch(r"(?!AWS/|:)[A-Za-z0-9._/#: -]{1,255}", value) or value != value.strip():
        raise ValueError("must be a CloudWatch namespace, not one of AWS's own, for example my-server/prod")
    return value


def parse_function(value: str) -> str:
    # AWS Lambda API reference, Invoke: a durable function needs its version or alias.
    arn = r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:"
    if not re.fullmatch(rf"({arn})?[A-Za-z0-9_-]{{1,64}}:[A-Za-z0-9_$-]{{1,128}}", value):
        raise ValueError("must be a Lambda function with its version or alias, for example my-server-dev_worker:3")
    return value
