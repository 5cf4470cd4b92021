"""Settings: what is accepted, and errors that name the variable and the fix."""

import base64
import secrets
from pathlib import Path

import pytest

from app.access.quota_rules import QuotaRules
from app.settings import Settings, SettingsError

GOOD = {
    "WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app",
    "WORKOS_CLIENT_ID": "client_01ABC",
    "BASE_URL": "https://mcp.example.com",
}
KEY = base64.urlsafe_b64encode(b"0123456789" * 4).decode().rstrip("=")


def read(**changes: str) -> Settings:
    return Settings.from_environment({**GOOD, **changes})


def problem(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**changes)
    return str(caught.value)


def test_three_settings_are_enough() -> None:
    settings = read()

    assert settings == Settings(
        issuer="https://acme.authkit.app", client_id="client_01ABC", base_url="https://mcp.example.com"
    )
    assert settings.resource == "https://mcp.example.com/mcp"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("https://api.workos.com", "https://api.workos.com"),
        ("https://API.workos.com/", "https://api.workos.com"),
        ("https://api.workos.com:443", "https://api.workos.com"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://localhost:4100", "http://localhost:4100"),
        ("http://[::1]:4100", "http://[::1]:4100"),
    ],
)
def test_another_workos_api_is_an_origin(value: str, url: str) -> None:
    assert read(WORKOS_BASE_URL=value).workos_base_url == url


@pytest.mark.parametrize(
    "value",
    [
        "http://api.workos.com",
        "http://localhost.evil.example",
        "http://0.0.0.0:8001",
        "ftp://api.workos.com",
        "api.workos.com",
        "https://",
        "https://api.workos.com/v1",
        "https://api.workos.com?x=1",
        "https://user:hunter2@api.workos.com",
        "https://api.workos.com\n",
        "https://api.workos.com:port",
    ],
)
def test_a_workos_api_that_would_get_the_key_in_the_clear_is_refused_with_the_fix(value: str) -> None:
    said = problem(WORKOS_BASE_URL=value)

    assert said.startswith("WORKOS_BASE_URL ")
    assert "https://api.workos.com, or unset it" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("name", list(GOOD))
def test_a_missing_setting_is_named_with_an_example(name: str) -> None:
    assert problem(**{name: ""}).startswith(f"{name} is not set; set it to your value, for example ")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"TOKEN_AUDIENCE": "mine"})

    assert all(name in str(caught.value) for name in [*GOOD, "TOKEN_AUDIENCE"])


@pytest.mark.parametrize(
    ("value", "issuer"),
    [
        ("acme.authkit.app", "https://acme.authkit.app"),
        ("ACME.AuthKit.app", "https://acme.authkit.app"),
        ("https://acme.authkit.app", "https://acme.authkit.app"),
        ("https://acme.authkit.app/", "https://acme.authkit.app"),
        ("https://acme.authkit.app:443", "https://acme.authkit.app"),
        ("login.example.com:8443", "https://login.example.com:8443"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://localhost:8001", "http://localhost:8001"),
        ("http://[::1]:8001", "http://[::1]:8001"),
        ("http://127.9.9.9", "http://127.9.9.9"),
    ],
)
def test_the_authkit_domain_is_a_host_or_an_origin(value: str, issuer: str) -> None:
    assert read(WORKOS_AUTHKIT_DOMAIN=value).issuer == issuer


@pytest.mark.parametrize(
    "value",
    [
        "http://acme.authkit.app",
        "http://localhost.evil.example",
        "http://[fe80::1]",
        "http://0.0.0.0:8001",
        "ftp://acme.authkit.app",
        "https://acme.authkit.app/path",
        "https://acme.authkit.app?x=1",
        "https://acme.authkit.app?",
        "https://acme.authkit.app#x",
        "https://user@acme.authkit.app",
        "https://user:pass@acme.authkit.app",
        "https://",
        "https://:443",
        "https://acme.authkit.app:",
        "https://acme.authkit.app:99999",
        "https://acme.authkit.app:x",
        "https://ac me.authkit.app",
        "acme.authkit.app\n",
        "https://acmé.authkit.app",
        "https://-acme.authkit.app",
        "https://acme..app",
        "https://[::1",
        "https://[v1.x]",
        "https://acme.authkit.app\\@evil.example",
        f"https://{'a' * 64}.app",
    ],
)
@pytest.mark.parametrize("name", ["WORKOS_AUTHKIT_DOMAIN", "BASE_URL"])
def test_anything_else_is_refused_with_the_fix(name: str, value: str) -> None:
    assert problem(**{name: value}).startswith((f"{name} must ", f"{name} has a host or port"))


@pytest.mark.parametrize(
    "value",
    [
        "mcp.example.com",
        "https://mcp.example.com/",
        "https://mcp.example.com/mcp",
        "https://mcp.example.com/dev",
        "https://MCP.example.com",
        "https://mcp.example.com:443",
        "http://127.0.0.1:80",
    ],
)
def test_the_base_url_is_exactly_an_origin_as_clients_normalise_it(value: str) -> None:
    assert problem(BASE_URL=value).startswith("BASE_URL must ")


@pytest.mark.parametrize(
    "value", ["https://mcp.example.com:8443", "http://127.0.0.1:8000", "http://localhost:8000"]
)
def test_a_port_belongs_to_the_base_url(value: str) -> None:
    assert read(BASE_URL=value).resource == f"{value}/mcp"


@pytest.mark.parametrize(
    ("value", "flag"), [("true", True), ("1", True), ("FALSE", False), ("0", False), ("", False)]
)
def test_flags_are_true_or_false(value: str, flag: bool) -> None:
    settings = read(REQUIRE_ORGANIZATION=value, ALLOW_MACHINE_TOKENS=value)

    assert (settings.require_organization, settings.allow_machine_tokens) == (flag, flag)


@pytest.mark.parametrize("own", ["WORKOS_API_KEY", "WORKOS_API_KEY_PARAMETER"])
def test_api_keys_need_the_servers_own_key_to_ask_with(own: str) -> None:
    settings = read(ALLOW_API_KEYS="true", API_KEY_MEMORY_SECONDS="5", **{own: "/my-server/key"})

    assert (settings.allow_api_keys, settings.api_key_memory_seconds) == (True, 5)
    assert (read().allow_api_keys, read().api_key_memory_seconds) == (False, 60)
    assert problem(ALLOW_API_KEYS="true") == (
        "ALLOW_API_KEYS needs a WorkOS API key; set WORKOS_API_KEY or WORKOS_API_KEY_PARAMETER"
    )


def test_api_keys_and_scopes_that_every_call_needs_exclude_each_other() -> None:
    said = problem(ALLOW_API_KEYS="true", WORKOS_API_KEY="sk_1", REQUIRED_SCOPES="files:read")

    assert said.startswith("ALLOW_API_KEYS lets nobody in while REQUIRED_SCOPES is set")
    assert "unset REQUIRED_SCOPES" in said


@pytest.mark.parametrize(("value", "advertised"), [("", True), ("true", True), ("false", False), ("0", False)])
def test_offline_access_is_advertised_unless_it_is_switched_off(value: str, advertised: bool) -> None:
    assert read(ADVERTISE_OFFLINE_ACCESS=value).advertise_offline_access is advertised


@pytest.mark.parametrize(
    "origin",
    [
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "moz-extension://0f5a1c1e-6a1d-4c5f-9f5c-0d5b1f1e2a3b",
        "vscode-file://vscode-app",
        "app://obsidian.md",
        "app://-",
        "http://[::1]:6274",
    ],
)
def test_pages_of_extensions_and_desktop_programs_are_origins_too(origin: str) -> None:
    both = read(ALLOWED_ORIGINS=f"{origin} https://app.example.com").allowed_origins

    assert both == {origin, "https://app.example.com"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADVERTISE_OFFLINE_ACCESS", "maybe"),
        ("REQUIRE_ORGANIZATION", "maybe"),
        ("ALLOW_MACHINE_TOKENS", "2"),
        ("ALLOW_API_KEYS", "2"),
        ("API_KEY_MEMORY_SECONDS", "0"),
        ("API_KEY_MEMORY_SECONDS", "61"),
        ("API_KEY_MEMORY_SECONDS", "-1"),
        ("API_KEY_MEMORY_SECONDS", "1.5"),
        ("API_KEY_MEMORY_SECONDS", "\u0663"),
        ("TOKEN_AUDIENCE", "Resource"),
        ("REQUIRED_SCOPES", 'files:"read"'),
        ("REQUIRED_SCOPES", "openid offline_access"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://*.example.com"),
        ("ALLOWED_ORIGINS", "https://app.example.com/"),
        ("ALLOWED_ORIGINS", "https://APP.example.com"),
        ("ALLOWED_ORIGINS", "null"),
        ("ALLOWED_ORIGINS", "https://a.example.com,https://b.example.com"),
        ("DOCS_URL", "docs.example.com"),
        ("DOCS_URL", "https://["),
        ("DOCS_URL", "https://user:pw@docs.example.com"),
        ("ALLOWED_ORIGINS", "https://app.example.com:443"),
        ("ALLOWED_ORIGINS", "https://app.example.com:99999"),
        ("DOCS_URL", "http://docs.example.com"),
        ("DOCS_URL", 'https://docs.example.com/"x'),
        ("WORKOS_CLIENT_ID", "client 01"),
        ("WORKOS_API_KEY", " sk_test"),
        ("WORKOS_API_KEY", "sk_test\n"),
        ("WORKOS_API_KEY_PARAMETER", "not a name"),
        ("REQUEST_STATE_KEY", "short"),
        ("REQUEST_STATE_KEY", "not base64!" * 5),
        ("REQUEST_STATE_KEY", f"{KEY},"),
        ("REQUEST_STATE_KEY", f"{KEY},{KEY}"),
        ("REQUEST_STATE_KEY_PARAMETER", "not a name"),
        ("TEAM_SECRETS_PATH", "/app/dev/team/"),
        ("LANDING_PAGE", "maybe"),
        ("LANDING_PAGE_NOTE", "one\ntwo"),
        ("LANDING_PAGE_NOTE", "x" * 1001),
        ("LANDING_PAGE_NOTE", "a\x1b[31mb"),
        ("SERVER_CARD", "maybe"),
        ("AUDIT_LOG_ACTION", "tool called"),
        ("AUDIT_LOG_ACTION", "mcp..called"),
        ("AUDIT_LOG_ACTION", "x" * 101),
        ("POWERTOOLS_METRICS_NAMESPACE", "AWS/Lambda"),
        ("POWERTOOLS_METRICS_NAMESPACE", ":app"),
        ("POWERTOOLS_METRICS_NAMESPACE", "app prod "),
        ("POWERTOOLS_METRICS_NAMESPACE", "app=prod"),
        ("QUOTA_TABLE", "no table"),
        ("QUOTA_TABLE", "q"),
        ("QUOTA_PER_USER", "-1"),
        ("QUOTA_PER_USER", "many"),
        ("QUOTA_PER_USER", "1.5"),
        ("QUOTA_PER_ORGANIZATION", "1e3"),
        ("QUOTA_WINDOW_SECONDS", "0"),
        ("QUOTA_WINDOW_SECONDS", "86401"),
        ("QUOTA_WINDOW_SECONDS", "1h"),
        ("QUOTA_WHEN_UNAVAILABLE", "Allow"),
    ],
)
def test_a_bad_value_is_refused_by_name_without_repeating_it(name: str, value: str) -> None:
    text = problem(**{name: value})

    assert text.startswith(f"{name} ")
    assert KEY not in text
    assert "sk_test" not in text


def test_every_optional_setting_is_read() -> None:
    other = secrets.token_bytes(40)
    settings = read(
        WORKOS_API_KEY="sk_test_1",
        WORKOS_API_KEY_PARAMETER="/app/dev/api-key",
        DOCS_URL="https://docs.example.com/mcp",
        TOKEN_AUDIENCE="both",
        REQUIRED_SCOPES=" files:read  files:write files:read ",
        REQUIRE_ORGANIZATION="yes",
        ALLOW_MACHINE_TOKENS="on",
        ALLOWED_ORIGINS="http://localhost:6274 https://app.example.com",
        REQUEST_STATE_KEY=f"{KEY}, {base64.urlsafe_b64encode(other).decode()}",
        REQUEST_STATE_KEY_PARAMETER="/app/dev/request-state-key",
        TEAM_SECRETS_PATH="/app/dev/team",
        LANDING_PAGE="false",
        LANDING_PAGE_NOTE=" Ask #platform |  | for access ",
        SERVER_CARD="true",
        AUDIT_LOG_ACTION="mcp.tool_called",
        POWERTOOLS_METRICS_NAMESPACE="workos-mcp-lambda/prod",
        QUOTA_TABLE="app-dev-quota",
        QUOTA_PER_USER="100",
        QUOTA_PER_ORGANIZATION="1000",
        QUOTA_WINDOW_SECONDS="60",
        QUOTA_WHEN_UNAVAILABLE="deny",
    )

    assert settings.api_key == "sk_test_1"
    assert settings.api_key_parameter == "/app/dev/api-key"
    assert settings.docs_url == "https://docs.example.com/mcp"
    assert settings.token_audience == "both"
    assert settings.required_scopes == ("files:read", "files:write")
    assert settings.allowed_origins == {"http://localhost:6274", "https://app.example.com"}
    assert settings.request_state_keys[1] == other
    assert settings.request_state_key_parameter == "/app/dev/request-state-key"
    assert settings.team_secrets_path == "/app/dev/team"
    assert (settings.landing_page, settings.server_card) == (False, True)
    assert settings.landing_page_note == ("Ask #platform", "for access")
    assert settings.audit_log_action == "mcp.tool_called"
    assert settings.metrics_namespace == "workos-mcp-lambda/prod"
    assert settings.quota == QuotaRules(
        table="app-dev-quota", per_user=100, per_organization=1000, window_seconds=60, when_unavailable="deny"
    )


def test_without_a_table_and_limits_there_is_no_quota_whatever_else_is_set() -> None:
    off = read(QUOTA_PER_USER="0", QUOTA_PER_ORGANIZATION="", QUOTA_WHEN_UNAVAILABLE="deny")

    assert off.quota is None


def test_one_limit_is_enough_for_a_quota() -> None:
    assert read(QUOTA_TABLE="quota", QUOTA_PER_ORGANIZATION="5").quota == QuotaRules(
        table="quota", per_organization=5, window_seconds=3600, when_unavailable="allow"
    )


def test_a_table_without_limits_and_limits_without_a_table_are_told_with_the_fix() -> None:
    assert "set QUOTA_PER_USER or QUOTA_PER_ORGANIZATION, or leave it empty" in problem(QUOTA_TABLE="quota")
    assert problem(QUOTA_PER_USER="5").startswith("QUOTA_TABLE is not set; set it to the DynamoDB table")


def test_an_audit_log_needs_a_key_to_write_it_with() -> None:
    text = problem(AUDIT_LOG_ACTION="mcp.tool_called")

    assert text.startswith("AUDIT_LOG_ACTION needs a WorkOS API key; set WORKOS_API_KEY")
    assert read(AUDIT_LOG_ACTION="mcp.tool_called", WORKOS_API_KEY_PARAMETER="/app/key").audit_log_action


def test_a_docs_page_on_loopback_may_be_plain_http() -> None:
    assert read(DOCS_URL="http://localhost:9000/docs").docs_url == "http://localhost:9000/docs"


def test_secrets_stay_out_of_the_repr() -> None:
    shown = repr(read(WORKOS_API_KEY="sk_test_1", REQUEST_STATE_KEY=KEY))

    assert "sk_test_1" not in shown
    assert "request_state_keys" not in shown


def test_the_readme_table_has_every_setting_and_no_other() -> None:
    readme = Path(__file__).parent.parent.joinpath("README.md").read_text()
    source = Path(__file__).parent.parent.joinpath("app/settings.py").read_text()
    table = {
        line.split("`")[1]
        for line in readme.splitlines()
        if line.startswith("| `") and line.split("`")[1].isupper()
    }
    read_ones = {
        part.split('"')[0] for part in source.split('read.optional("')[1:] + source.split('read.required("')[1:]
    }

    assert table == read_ones
