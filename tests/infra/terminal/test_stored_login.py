"""A login is kept in a file of its own, and the browser's answer is read."""

import asyncio
import stat
import threading
import urllib.request
from pathlib import Path

import pytest
from mcp.client.auth import AuthorizationCodeResult
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyUrl

from infra.terminal.callback import CallbackListener, LoginCancelled, read_answer
from infra.terminal.stored_login import StoredLogin, find_logins

URL = "https://mcp.example.com/mcp"
CLIENT = OAuthClientInformationFull(
    client_id="client_1",
    redirect_uris=[AnyUrl("http://127.0.0.1:9876/callback")],
    token_endpoint_auth_method="none",
)
TOKENS = OAuthToken(access_token="secret-access", refresh_token="secret-refresh", expires_in=300)


def store(folder: Path) -> StoredLogin:
    login = StoredLogin(URL, folder, clock=lambda: 1000.0)
    asyncio.run(login.set_client_info(CLIENT))
    asyncio.run(login.set_tokens(TOKENS))
    return login


def test_a_login_is_read_again_from_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    file = store(tmp_path / "logins").file
    again = StoredLogin(URL, tmp_path / "logins")

    assert asyncio.run(again.get_tokens()) == TOKENS
    assert asyncio.run(again.get_client_info()) == CLIENT
    assert again.redirect_port == 9876
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


def test_each_server_has_its_own_login(tmp_path: Path) -> None:
    store(tmp_path)
    others = [StoredLogin(f"{URL}{ending}", tmp_path) for ending in ("/", "2")]

    assert not any(each.has_client for each in others)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"server_url": "https://other.example.com/mcp"}'])
def test_a_file_that_cannot_be_used_is_no_login(tmp_path: Path, content: str) -> None:
    store(tmp_path).file.write_text(content)

    assert not StoredLogin(URL, tmp_path).has_client


def test_a_forgotten_login_is_gone(tmp_path: Path) -> None:
    login = store(tmp_path)

    assert (login.forget(), login.forget()) == (True, False)
    assert not login.has_client
    assert list(tmp_path.iterdir()) == []


def test_a_second_command_waits_for_the_refresh_of_the_first_and_uses_it(tmp_path: Path) -> None:
    store(tmp_path)
    first, second = (StoredLogin(URL, tmp_path, clock=lambda: 2000.0) for _ in range(2))
    first.wait_for_others()
    waiting = threading.Thread(target=second.wait_for_others)
    waiting.start()

    asyncio.run(first.set_tokens(OAuthToken(access_token="new", expires_in=300)))
    waiting.join(timeout=20)

    assert not waiting.is_alive()
    tokens = asyncio.run(second.get_tokens())
    assert tokens is not None
    assert tokens.access_token == "new"
    # The second one holds no lock: a third does not wait.
    third = StoredLogin(URL, tmp_path, clock=lambda: 9000.0)
    third.wait_for_others()
    third.release()


def test_a_command_for_another_server_does_not_wait(tmp_path: Path) -> None:
    urls = (URL, "https://other.example.com/mcp")
    for url in urls:
        asyncio.run(StoredLogin(url, tmp_path, clock=lambda: 1000.0).set_tokens(TOKENS))
    first, second = (StoredLogin(url, tmp_path, clock=lambda: 2000.0) for url in urls)
    first.wait_for_others()
    waiting = threading.Thread(target=second.wait_for_others, daemon=True)
    waiting.start()
    waiting.join(timeout=20)

    assert not waiting.is_alive()
    first.release()
    second.release()


def test_a_folder_can_be_named(tmp_path: Path) -> None:
    assert find_logins({"LOGIN_FOLDER": str(tmp_path)}) == tmp_path
    assert find_logins({}).parts[-2:] == (".local", "logins")


async def come_back(listener: CallbackListener, *addresses: str) -> tuple[AuthorizationCodeResult, list[int]]:
    waiting = asyncio.create_task(listener.wait())
    statuses = [await asyncio.to_thread(_get, address) for address in addresses]
    return await waiting, statuses


def _get(address: str) -> int:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_the_browser_comes_back_with_a_code() -> None:
    listener = CallbackListener()
    origin = listener.url.removesuffix("/callback")

    answer, statuses = asyncio.run(
        come_back(listener, f"{origin}/favicon.ico", f"{listener.url}?code=a%2Bb&state=s&iss=https://i.example")
    )

    listener.close()

    assert (answer.code, answer.state, answer.iss) == ("a+b", "s", "https://i.example")
    assert statuses == [404, 200]


def test_only_the_answer_to_this_login_counts() -> None:
    listener = CallbackListener()
    listener.expect("https://login.example.com/authorize?client_id=c&state=mine")
    origin, own = listener.url.removesuffix("/callback"), f"{listener.url}?code=b&state=mine"
    others = [f"{listener.url}?{query}" for query in ("code=a&state=guessed", "code=a", "error=access_denied")]

    answer, statuses = asyncio.run(come_back(listener, f"{origin}//[", *others, own))

    listener.close()
    assert (answer.code, statuses) == ("b", [404, 404, 404, 404, 200])


def test_a_port_in_use_is_replaced_by_a_free_one() -> None:
    first = CallbackListener()
    taken = int(first.url.split(":")[2].split("/")[0])
    second = CallbackListener(taken)
    first.close()
    second.close()

    assert first.url != second.url


def test_a_login_that_was_refused_says_why() -> None:
    with pytest.raises(LoginCancelled, match="access_denied, The user said no"):
        read_answer("/callback?error=access_denied&error_description=The+user+said+no&state=s")
