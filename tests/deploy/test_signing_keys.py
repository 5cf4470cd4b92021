"""The key set that is deployed with the code: which stage has one, what is in it, what happens without."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.auth.jwk_set import read_jwk_set
from app.auth.key_snapshot import read_key_file
from app.settings import KEY_FILE, Settings
from infra.deploy.deployment import Deployment
from infra.deploy.release import compute_release
from infra.deploy.signing_keys import FILE, put_signing_keys
from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT
from tests.issuer import Issuer, public_jwk, stranger

NOW = 1_790_000_123.0


class Web:
    """What stands at AuthKit's address."""

    def __init__(self) -> None:
        self.status, self.body, self.hangs = 200, document(), False
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (told := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{told['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked.append(scope["path"])
        if self.hangs:
            await receive()
            await receive()  # until the other side hangs up
        headers = [(b"location", b"/elsewhere")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def document(*more: object) -> bytes:
    keys = [public_jwk(kid, key) for kid, key in Issuer().keys.items()]
    return json.dumps({"keys": [*more, *keys]}).encode()


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def url(web: Web) -> Iterator[str]:
    with LoopbackServer(web) as server:
        yield server.url


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What sam build leaves."""
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / "template.yaml").touch()
    return tmp_path


def deployment(domain: str, **parameters: str) -> Deployment:
    return Deployment("dev", "stack", "prefix", {"AuthKitDomain": domain, "SnapStart": "off", **parameters})


def test_the_file_is_where_the_function_looks() -> None:
    assert KEY_FILE.relative_to(ROOT) == Path(FILE).relative_to("McpFunction")
    assert not KEY_FILE.exists()


def test_the_keys_of_the_hour_are_deployed_with_the_code(web: Web, url: str, build: Path) -> None:
    said = put_signing_keys(deployment(url), build, clock=lambda: NOW)

    snapshot = read_key_file(build / FILE, url)
    assert snapshot is not None
    assert snapshot.keys.keys() == read_jwk_set(web.body).keys()
    assert 0 <= NOW - snapshot.fetched_at < 3600
    assert said == f"Signing keys of {url} are deployed with the code: 1"
    assert web.asked == ["/oauth2/jwks"]


@pytest.mark.parametrize(
    "parameters", [{"SnapStart": "on"}, {"SnapStart": "off", "KeySnapshot": "false"}, {"SnapStart": ""}]
)
def test_with_snapstart_and_where_it_is_turned_off_there_is_no_file(
    web: Web, url: str, build: Path, parameters: dict[str, str]
) -> None:
    put_signing_keys(deployment(url), build)
    put_signing_keys(deployment(url, **parameters), build)

    assert not (build / FILE).exists()
    assert len(web.asked) == 1


def test_the_same_keys_within_an_hour_are_the_same_release(url: str, build: Path) -> None:
    def released(clock: float) -> str:
        put_signing_keys(deployment(url), build, clock=lambda: clock)
        return compute_release(build, {})

    hour = NOW // 3600 * 3600
    assert released(hour) == released(hour + 3599)
    assert released(hour) != released(hour + 3600)


def test_only_the_public_parts_are_deployed_and_only_what_may_be_a_key(web: Web, url: str, build: Path) -> None:
    private = {**public_jwk("careless", stranger()), "d": "AQAB", "p": "AQAB", "x5c": ["AQAB"]}
    web.body = document({"kty": "EC", "kid": "ec"}, "no key", private)

    put_signing_keys(deployment(url), build)

    kept = json.loads((build / FILE).read_text())["keys"]
    assert [jwk["kid"] for jwk in kept] == ["careless", "key_1"]
    assert {name for jwk in kept for name in jwk} <= {"kty", "kid", "use", "alg", "key_ops", "n", "e"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": 503}, "HTTP 503"),
        ({"status": 302}, "HTTP 302"),
        ({"body": document() + b" " * 65536}, "more than 65536 bytes"),
        ({"body": b"<html>"}, "no usable key"),
        ({"body": b'{"keys":[]}'}, "no usable key"),
        ({"hangs": True}, "no complete answer within 0.1 s"),
    ],
)
def test_without_them_the_deployment_goes_on_and_says_why(
    web: Web, url: str, build: Path, change: dict[str, Any], why: str
) -> None:
    (build / FILE).write_text("of an earlier deployment")
    vars(web).update(change)

    said = put_signing_keys(deployment(url), build, seconds=0.1 if web.hangs else 3)

    assert said == (
        f"No signing keys are deployed: {url}/oauth2/jwks: {why}. "
        "Each fresh environment fetches them, as without a snapshot."
    )
    assert not (build / FILE).exists()
    assert web.asked == ["/oauth2/jwks"]


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("http://acme.authkit.app", "http://acme.authkit.app is not https"),
        ("a b", "AuthKitDomain is not a host name"),
    ],
)
def test_a_domain_that_is_not_asked_is_told_too(build: Path, domain: str, why: str) -> None:
    assert (put_signing_keys(deployment(domain), build) or "").startswith(f"No signing keys are deployed: {why}. ")


@pytest.mark.parametrize("domain", ["127.0.0.1", "http://LOCALHOST", "http://127.0.0.1/"])
def test_the_issuer_is_written_as_the_function_writes_it(domain: str, build: Path) -> None:
    """Nothing listens there: the message names the address."""
    environment = {"WORKOS_AUTHKIT_DOMAIN": domain, "WORKOS_CLIENT_ID": "c", "BASE_URL": "https://a.example"}

    said = put_signing_keys(deployment(domain), build) or ""

    assert f": {Settings.from_environment(environment).issuer}/oauth2/jwks: " in said


def test_an_address_where_nobody_listens_is_no_reason_to_stop(build: Path) -> None:
    said = put_signing_keys(deployment("http://127.0.0.1:1"), build) or ""

    assert said.startswith("No signing keys are deployed: http://127.0.0.1:1/oauth2/jwks: ")
