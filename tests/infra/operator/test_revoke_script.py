"""docs/operate.md's script that revokes a user, run as somebody who copied it, against a WorkOS on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.blocks import script
from tests.infra.operator.site import Canned, Site

USER = "user_01ADA"
THEN = "2026-01-01T00:00:00.000Z"
USERS = f"/user_management/users/{USER}"
APPLICATION: dict[str, Any] = {
    "object": "connect_application",
    "id": "conn_app_01CURSOR",
    "client_id": "client_01CURSOR",
    "application_type": "oauth",
    "description": None,
    "name": "Cursor",
    "scopes": [],
    "redirect_uris": [],
    "cors_origins": [],
    "uses_pkce": True,
    "is_first_party": False,
    "was_dynamically_registered": True,
    "organization_id": None,
    "created_at": THEN,
    "updated_at": THEN,
}
CONSENT = {"object": "authorized_connect_application", "id": "x", "granted_scopes": [], "application": APPLICATION}


def session(name: str) -> dict[str, Any]:
    return {
        "object": "session",
        "id": name,
        "user_id": USER,
        "ip_address": None,
        "user_agent": None,
        "auth_method": "password",
        "status": "active",
        "organization_id": None,
        "ended_at": None,
        "expires_at": THEN,
        "created_at": THEN,
        "updated_at": THEN,
    }


def page(*rows: Any) -> Canned:
    return Canned(200, {"object": "list", "data": rows, "list_metadata": {"before": None, "after": None}})


@pytest.fixture
def workos() -> Iterator[Site]:
    with Site() as site:
        site.answers = {
            f"GET {USERS}/authorized_applications": page(CONSENT),
            f"DELETE {USERS}/authorized_applications/conn_app_01CURSOR": Canned(204),
            f"GET {USERS}/sessions": page(session("session_1"), session("session_2")),
            "POST /user_management/sessions/revoke": Canned(204),
        }
        yield site


def test_every_consent_and_every_session_of_the_user_is_ended(workos: Site, tmp_path: Path) -> None:
    (tmp_path / "revoke.py").write_text(script("revoke.py", "docs/operate.md"))

    ran = subprocess.run(
        [sys.executable, "revoke.py", USER],
        cwd=tmp_path,
        env={
            **os.environ,
            "WORKOS_API_KEY": "sk_hidden",
            "WORKOS_CLIENT_ID": "client_01X",
            "WORKOS_BASE_URL": workos.url,
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.stdout, ran.stderr) == (f"{USER}: 1 consents and 2 sessions ended\n", "")
    changes = [
        (each.path, json.loads(each.body) if each.body else None)
        for each in workos.received
        if each.method != "GET"
    ]
    assert changes == [
        (f"{USERS}/authorized_applications/conn_app_01CURSOR", None),
        ("/user_management/sessions/revoke", {"session_id": "session_1"}),
        ("/user_management/sessions/revoke", {"session_id": "session_2"}),
    ]
    assert {each.headers["authorization"] for each in workos.received} == {"Bearer sk_hidden"}
