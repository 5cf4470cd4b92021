import base64
from pathlib import Path

from infra.local.function_settings import function_settings, keep_request_state_key
from infra.local.seed import Environment

WORKOS = Environment(client_id="client_1", api_key="sk_1", extra_scopes=())


def settings(**shell: str) -> dict[str, str]:
    return function_settings("http://127.0.0.1:8000", "http://127.0.0.1:8001", WORKOS, "key", shell)


def test_the_function_gets_the_local_stack_as_its_settings() -> None:
    assert settings() == {
        "BASE_URL": "http://127.0.0.1:8000",
        "WORKOS_AUTHKIT_DOMAIN": "http://127.0.0.1:8001",
        "WORKOS_BASE_URL": "http://127.0.0.1:8001",
        "WORKOS_CLIENT_ID": "client_1",
        "WORKOS_API_KEY": "sk_1",
        "REQUEST_STATE_KEY": "key",
        "ALLOWED_ORIGINS": "http://localhost:6274 http://127.0.0.1:6274",
    }


def test_the_shell_may_set_what_is_optional() -> None:
    changed = settings(REQUIRED_SCOPES="reports:read", ALLOWED_ORIGINS="http://localhost:3000")

    assert (changed["REQUIRED_SCOPES"], changed["ALLOWED_ORIGINS"]) == ("reports:read", "http://localhost:3000")


def test_the_shell_cannot_point_the_local_function_at_production() -> None:
    production = {
        "WORKOS_API_KEY": "sk_live",
        "WORKOS_AUTHKIT_DOMAIN": "acme.authkit.app",
        "BASE_URL": "https://a.b",
    }

    assert settings(**production) == settings()


def test_the_request_state_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    key = keep_request_state_key(tmp_path / "state")

    assert keep_request_state_key(tmp_path / "state") == key
    assert len(base64.urlsafe_b64decode(key)) == 32
    assert (tmp_path / "state" / "request_state_key").stat().st_mode & 0o077 == 0
