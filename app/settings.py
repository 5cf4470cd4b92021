"""Settings from the environment, checked once at start; every error names the variable and the fix."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

from app import setting_values as parse
from app.access.quota_rules import QuotaRules
from app.authoring.settings import EnvironmentSettings
from app.setting_values import Audience

Parsed = TypeVar("Parsed")

SERVICE = "workos-mcp-lambda"
KEY_FILE = Path(__file__).with_name("signing_keys.json")
"""What a deployment puts beside the code, if anything; no checkout has it."""


class SettingsError(Exception):
    """One or more settings are missing or wrong; the message has a line for each, with the fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings table of the README, read and checked. Secrets stay out of the repr."""

    issuer: str
    """AuthKit's origin without a trailing slash: the `iss` of every token, compared byte for byte."""
    client_id: str
    base_url: str
    """This server's public origin, without a trailing slash."""
    api_key: str | None = field(default=None, repr=False)
    api_key_parameter: str | None = None
    workos_base_url: str | None = None
    """Another WorkOS API than WorkOS' own; None leaves the address to the SDK."""
    docs_url: str | None = None
    token_audience: Audience = "resource"
    required_scopes: tuple[str, ...] = ()
    require_organization: bool = False
    allow_machine_tokens: bool = False
    allowed_origins: frozenset[str] = frozenset()
    advertise_offline_access: bool = True
    """Whether the metadata names `offline_access`, without which some clients get no refresh token."""
    request_state_keys: tuple[bytes, ...] = field(default=(), repr=False)
    request_state_key_parameter: str | None = None
    audit_log_action: str | None = None
    """Under which calls go to WorkOS's Audit Logs; None sends nothing."""
    metrics_namespace: str = SERVICE
    """CloudWatch's name for the metrics of this deployment."""
    quota: QuotaRules | None = None
    """None is no quota at all."""
    serve_examples: bool = False
    """Whether the tools, prompts and resources of examples/ are served beside those of app/."""
    key_file: Path | None = KEY_FILE
    """Signing keys that may have been deployed; None lets no key of before this environment serve."""

    @property
    def resource(self) -> str:
        """The resource indicator (RFC 8707): what a token's `aud` names, and the URL that users paste."""
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
            issuer=read.required("WORKOS_AUTHKIT_DOMAIN", parse.issuer, "acme.authkit.app"),
            client_id=read.required("WORKOS_CLIENT_ID", parse.client_id, "client_01ABC..."),
            base_url=read.required("BASE_URL", parse.base_url, "https://mcp.example.com"),
            api_key=read.optional("WORKOS_API_KEY", parse.secret, None),
            api_key_parameter=read.optional("WORKOS_API_KEY_PARAMETER", parse.parameter_name, None),
            workos_base_url=read.optional("WORKOS_BASE_URL", parse.workos_base_url, None),
            docs_url=read.optional("DOCS_URL", parse.docs_url, None),
            token_audience=read.optional("TOKEN_AUDIENCE", parse.audience, "resource"),
            required_scopes=read.optional("REQUIRED_SCOPES", parse.scopes, ()),
            require_organization=read.optional("REQUIRE_ORGANIZATION", parse.flag, False),
            allow_machine_tokens=read.optional("ALLOW_MACHINE_TOKENS", parse.flag, False),
            allowed_origins=read.optional("ALLOWED_ORIGINS", parse.origins, frozenset()),
            advertise_offline_access=read.optional("ADVERTISE_OFFLINE_ACCESS", parse.flag, True),
            request_state_keys=read.optional("REQUEST_STATE_KEY", parse.request_state_keys, ()),
            request_state_key_parameter=read.optional("REQUEST_STATE_KEY_PARAMETER", parse.parameter_name, None),
            audit_log_action=read.optional("AUDIT_LOG_ACTION", parse.audit_log_action, None),
            metrics_namespace=read.optional("POWERTOOLS_METRICS_NAMESPACE", parse.metrics_namespace, SERVICE),
            quota=_quota(read),
            serve_examples=read.optional("SERVE_EXAMPLES", parse.flag, False),
            key_file=KEY_FILE if read.optional("KEY_SNAPSHOT", parse.flag, True) else None,
        )
        if settings.audit_log_action and not (settings.api_key or settings.api_key_parameter):
            read.problem("AUDIT_LOG_ACTION needs a WorkOS API key; set WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER")
        for problem in team.find_problems(environment) if team else ():
            read.problem(problem)
        read.raise_problems()
        return settings


class _Reader:
    """Collects every problem, so that an operator fixes all of them after one failed start."""

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
            # The value itself stays out of the message: some of these are secrets.
            self._problems.append(f"{name} {problem}")
            return default

    def problem(self, text: str) -> None:
        self._problems.append(text)

    def raise_problems(self) -> None:
        if self._problems:
            raise SettingsError("; and ".join(self._problems))


def _quota(read: _Reader) -> QuotaRules | None:
    rules = QuotaRules(
        table=read.optional("QUOTA_TABLE", parse.table_name, ""),
        per_user=read.optional("QUOTA_PER_USER", parse.calls, 0),
        per_organization=read.optional("QUOTA_PER_ORGANIZATION", parse.calls, 0),
        window_seconds=read.optional("QUOTA_WINDOW_SECONDS", parse.window_seconds, 3600),
        when_unavailable=read.optional("QUOTA_WHEN_UNAVAILABLE", parse.when_unavailable, "allow"),
    )
    limited = rules.per_user or rules.per_organization
    if rules.table and not limited:
        read.problem(
            "QUOTA_TABLE has nothing to count; set QUOTA_PER_USER or QUOTA_PER_ORGANIZATION, or leave it empty"
        )
    if limited and not rules.table:
        read.problem("QUOTA_TABLE is not set; set it to the DynamoDB table that counts calls, or both limits to 0")
    return rules if rules.table and limited else None
