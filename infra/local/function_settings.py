"""The settings under which `make dev` runs the function: the same names as in production, local values."""

from collections.abc import Mapping

from app.shared.settings import TeamSettings
from infra.local.pipes.application import GITHUB_API_PATH
from infra.local.seed.rows import Environment
from infra.local.workos_api_choice import WorkOSApi

INSPECTOR_ORIGINS = "http://localhost:6274 http://127.0.0.1:6274"
# Variables that a developer may set in the shell. The others describe the local stack, which sets them.
_OPTIONAL = (
    "ADVERTISE_OFFLINE_ACCESS",
    "ALLOWED_ORIGINS",
    "ALLOW_API_KEYS",
    "ALLOW_MACHINE_TOKENS",
    "API_KEY_MEMORY_SECONDS",
    "AUDIT_LOG_ACTION",
    "DOCS_URL",
    "GITHUB_API_URL",
    "KEY_SNAPSHOT",
    "LANDING_PAGE",
    "LANDING_PAGE_NOTE",
    "POWERTOOLS_LOG_LEVEL",
    "POWERTOOLS_METRICS_NAMESPACE",
    "QUOTA_PER_ORGANIZATION",
    "QUOTA_PER_USER",
    "QUOTA_TABLE",
    "QUOTA_WHEN_UNAVAILABLE",
    "QUOTA_WINDOW_SECONDS",
    "REQUIRED_SCOPES",
    "REQUIRE_ORGANIZATION",
    "SERVER_CARD",
    "SERVE_EXAMPLES",
    "TOKEN_AUDIENCE",
)
# The way to the internet, which a tool may need.
_NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_LOOPBACK = "127.0.0.1,localhost"
_LOCAL = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_ENDPOINT_URL_LAMBDA",
    "BASE_URL",
    "REQUEST_STATE_KEY",
    "REQUEST_STATE_KEY_PARAMETER",
    "TEAM_SECRETS_PATH",
    "WORKER_FUNCTION",
    "WORKOS_API_KEY",
    "WORKOS_API_KEY_PARAMETER",
    "WORKOS_AUTHKIT_DOMAIN",
    "WORKOS_BASE_URL",
    "WORKOS_CLIENT_ID",
}
_RUNTIME = ("AWS_LAMBDA_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONUNBUFFERED")


def function_settings(
    base_url: str,
    authkit_url: str,
    workos: Environment,
    request_state_key: str,
    shell: Mapping[str, str],
    *,
    own: Mapping[str, str] | None = None,
    api: WorkOSApi | None = None,
    note: str = "",
) -> dict[str, str]:
    """The function's environment: the local stack overrides the shell, and the shell overrides `own`, which is
    `.env`.

    `api` is the WorkOS API that the function calls; by default the local one. `note` is what the server's page for
    people says beside the server itself.
    """
    own, api = own or {}, api or WorkOSApi(authkit_url, workos.api_key, is_stand_in=True)
    return {
        "ALLOWED_ORIGINS": INSPECTOR_ORIGINS,
        "SERVE_EXAMPLES": "true",
        # The local WorkOS gives tokens of the local GitHub, which the real one would refuse.
        **({"GITHUB_API_URL": f"{authkit_url}{GITHUB_API_PATH}"} if api.is_stand_in else {}),
        # One of the examples works in the background. `work_settings` has the address of an engine that runs it.
        "WORKER_FUNCTION": "worker:live",
        **({"LANDING_PAGE_NOTE": note} if note else {}),
        **{name: own[name] for name in own.keys() - set(ignored(own))},
        **{name: shell[name] for name in _OPTIONAL if name in shell},
        **{name: shell[name] for name in _NETWORK if shell.get(name)},
        **{name: shell[name] for field in TeamSettings.model_fields if (name := field.upper()) in shell},
        **_no_proxy(shell, own),
        "BASE_URL": base_url,
        "WORKOS_AUTHKIT_DOMAIN": authkit_url,
        "WORKOS_BASE_URL": api.url,
        "WORKOS_CLIENT_ID": workos.client_id,
        "WORKOS_API_KEY": api.key,
        "REQUEST_STATE_KEY": request_state_key,
    }


def work_settings(worker_function: str, lambda_url: str) -> dict[str, str]:
    """What lets the function and its worker reach the local engine of background work."""
    return {
        "WORKER_FUNCTION": worker_function,
        # boto3 reads this address for Lambda alone, so the other services of a tool stay where they are.
        "AWS_ENDPOINT_URL_LAMBDA": lambda_url,
        # boto3 signs with some credentials, and asks here last: those that a developer has for tools go first.
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{lambda_url}/credentials",
    }


def ignored(own: Mapping[str, str]) -> list[str]:
    """Names in `.env` without effect, because the local stack or Lambda sets them."""
    return sorted(name for name in own if name in _LOCAL or name.startswith(_RUNTIME))


def _no_proxy(*sources: Mapping[str, str]) -> dict[str, str]:
    """The shell's exceptions plus loopback: a proxy cannot reach the local stack."""
    names = ("NO_PROXY", "no_proxy")
    given = [source[name] for source in sources for name in names if source.get(name)]
    merged = ",".join([*dict.fromkeys(given), _LOOPBACK])
    # Programs that read both names prefer the lower-case one.
    return {name: merged for name in names if given}
