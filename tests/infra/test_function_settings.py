from collections.abc import Mapping

from infra.local.function_settings import function_settings, ignored
from infra.local.seed.rows import Environment
from infra.local.workos_api_choice import WorkOSApi

WORKOS = Environment(client_id="client_1", api_key="sk_1", extra_scopes=())


def settings(own: Mapping[str, str] | None = None, /, **shell: str) -> dict[str, str]:
    return function_settings("http://127.0.0.1:8000", "http://127.0.0.1:8001", WORKOS, "key", shell, own=own)


def test_the_function_gets_the_local_stack_as_its_settings() -> None:
    assert settings() == {
        "BASE_URL": "http://127.0.0.1:8000",
        "WORKOS_AUTHKIT_DOMAIN": "http://127.0.0.1:8001",
        "WORKOS_BASE_URL": "http://127.0.0.1:8001",
        "WORKOS_CLIENT_ID": "client_1",
        "WORKOS_API_KEY": "sk_1",
        "REQUEST_STATE_KEY": "key",
        "ALLOWED_ORIGINS": "http://localhost:6274 http://127.0.0.1:6274",
        "SERVE_EXAMPLES": "true",
        "GITHUB_API_URL": "http://127.0.0.1:8001/providers/github/api",
        "WORKER_FUNCTION": "worker:live",
    }


def test_the_local_github_goes_with_the_local_workos() -> None:
    api = WorkOSApi("https://api.workos.com", "sk_test_1")
    other = function_settings("http://127.0.0.1:8000", "http://127.0.0.1:8001", WORKOS, "key", {}, api=api)

    assert "GITHUB_API_URL" not in other
    assert settings(GITHUB_API_URL="https://github.example.com/api/v3")["GITHUB_API_URL"].startswith(
        "https://github.e"
    )


def test_the_shell_may_set_what_is_optional() -> None:
    changed = settings(REQUIRED_SCOPES="reports:read", ALLOWED_ORIGINS="http://localhost:3000")

    assert (changed["REQUIRED_SCOPES"], changed["ALLOWED_ORIGINS"]) == ("reports:read", "http://localhost:3000")
    assert settings(AUDIT_LOG_ACTION="mcp.tool_called")["AUDIT_LOG_ACTION"] == "mcp.tool_called"


def test_the_shell_cannot_point_the_local_function_at_production() -> None:
    production = {
        "WORKOS_API_KEY": "sk_live",
        "WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app",
        "BASE_URL": "https://a.b",
    }

    assert settings(**production) == settings()


def test_the_page_for_people_says_who_can_log_in_unless_the_shell_or_the_env_file_says_more() -> None:
    given = ("http://127.0.0.1:8000", "http://127.0.0.1:8001", WORKOS, "key")
    notes = [
        function_settings(*given, shell, own=own, note="Ada")["LANDING_PAGE_NOTE"]
        for shell, own in (({}, {}), ({}, {"LANDING_PAGE_NOTE": "own"}), ({"LANDING_PAGE_NOTE": "shell"}, {}))
    ]

    assert notes == ["Ada", "own", "shell"]


def test_a_tool_gets_the_variables_of_the_env_file() -> None:
    assert settings({"ORDERS_URL": "https://orders.example"})["ORDERS_URL"] == "https://orders.example"


def test_the_shell_wins_over_the_env_file_and_the_env_file_over_the_default() -> None:
    own = {"ALLOWED_ORIGINS": "http://localhost:1", "REQUIRED_SCOPES": "a"}
    changed = settings(own, REQUIRED_SCOPES="b")

    assert (changed["ALLOWED_ORIGINS"], changed["REQUIRED_SCOPES"]) == ("http://localhost:1", "b")


def test_the_env_file_cannot_point_the_local_function_at_production_and_hears_of_it() -> None:
    production = {
        "WORKOS_API_KEY": "sk_live",
        "WORKOS_API_KEY_PARAMETER": "/live/key",
        "WORKER_FUNCTION": "arn:aws:lambda:eu-central-1:123456789012:function:live-worker:live",
        "AWS_ENDPOINT_URL_LAMBDA": "https://lambda.eu-central-1.amazonaws.com",
        "AWS_LAMBDA_FUNCTION_NAME": "live",
        "PYTHONPATH": "/elsewhere",
    }

    assert settings(production) == settings()
    assert ignored(production | {"MINE": "1"}) == sorted(production)


def test_the_way_to_the_internet_is_the_shells_and_loopback_goes_past_the_proxy() -> None:
    proxied = settings(
        {"no_proxy": "b.example"}, HTTPS_PROXY="http://proxy:1", SSL_CERT_FILE="/ca.pem", NO_PROXY="a.example"
    )

    assert (proxied["HTTPS_PROXY"], proxied["SSL_CERT_FILE"]) == ("http://proxy:1", "/ca.pem")
    assert proxied["NO_PROXY"] == proxied["no_proxy"] == "a.example,b.example,127.0.0.1,localhost"
    assert settings(HTTPS_PROXY="") == settings()
