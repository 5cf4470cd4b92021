"""What is measured of fresh environments, with small servers in place of the packages."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.auth.fetch import FetchFailed, fetch
from app.auth.key_snapshot import read_key_file
from app.auth.signing_keys import FRESH_SECONDS, MAX_STALE_SECONDS
from app.settings import KEY_FILE
from bench import cold, keys_at_start, sizes
from bench.deployed_keys import every_way
from bench.in_lambda import settings_of
from bench.rounds import Samples, in_turn
from bench.running import NoFigure
from bench.subject import MODERN, Figure, Subject
from bench.unreachable import UNREACHABLE
from tests.blocks import ROOT
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.runtime.artefact import Artefact

SERVER = """
import json, os
from urllib.request import urlopen

keys = []

def handler(event, context):
    print("not an answer")
    try:
        keys or keys.append(urlopen(os.environ["ISSUER"] + "/oauth2/jwks", timeout=0.1).read())
    except OSError:
        return {"statusCode": 401, "body": ""}
    return {"statusCode": 200, "body": json.loads(event["body"])["params"]["arguments"]["text"]}
"""

Package = Callable[..., Subject]


@pytest.fixture
def package(tmp_path: Path) -> Package:
    def make(key: str = "floor", code: str = SERVER) -> Subject:
        folder = tmp_path / key
        (folder / "app").mkdir(parents=True)
        (folder / "server.py").write_text(code)
        return Subject(key, key, Path(sys.executable), folder, "server", (MODERN,))

    return make


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as issuer:
        yield issuer


def medians(figures: list[Figure]) -> dict[tuple[str, str], float]:
    return {(figure.what, figure.subject): figure.median for figure in figures}


def test_a_cold_start_is_measured_with_its_fetch(package: Package, issuer: LoopbackIssuer) -> None:
    subject = package()

    found = medians(cold.figures([subject], [subject], issuer, quick=True))

    assert found["JWKS fetches, with byte code", "floor"] == 1
    assert found["wall to the first answer, without byte code", "floor"] > 1
    assert 1 < found["CPU to the first answer, with byte code", "floor"] < 10_000
    assert 5 < found["peak memory, with byte code", "floor"] < 100
    assert found["modules, with byte code", "floor"] > 30
    assert 0 < found["CPU of the second call, with byte code", "floor"] < 100


def test_a_refusal_or_an_end_is_no_cold_start(package: Package, issuer: LoopbackIssuer) -> None:
    refusing = package("sdk", "def handler(event, context): return {'statusCode': 401, 'body': 'hello'}")
    broken = package("fastmcp", "import nothing_of_that_name")

    with pytest.raises(NoFigure, match="sdk answered 401"):
        list(cold.measure(refusing, issuer))
    with pytest.raises(NoFigure, match="nothing_of_that_name"):
        list(cold.measure(broken, issuer))


def test_fetches_are_counted_for_the_first_call_and_for_those_after_it(
    package: Package, issuer: LoopbackIssuer
) -> None:
    assert keys_at_start.count_fetches(package(), issuer) == (1, 0)


def test_an_outage_has_a_status_and_a_time(package: Package, issuer: LoopbackIssuer) -> None:
    found = medians(keys_at_start.figures([package()], issuer, quick=False, environments=2))

    assert found["JWKS fetches of 2 starts, first call of each", "floor"] == 2
    for how in UNREACHABLE:
        assert found[f"a good token's status, the issuer {how}", "floor"] == 401
    assert 0.1 <= found["answered after, the issuer never answers", "floor"] < 10


@pytest.mark.parametrize("how", UNREACHABLE)
def test_keys_cannot_be_had_of_an_unreachable_issuer(how: str) -> None:
    with UNREACHABLE[how]() as issuer, pytest.raises(FetchFailed):
        asyncio.run(fetch(f"{issuer.issuer.url}/oauth2/jwks", seconds=0.1))


def test_deployed_keys_are_packages_of_their_own_that_the_function_can_read(
    package: Package, issuer: LoopbackIssuer
) -> None:
    ours = package("ours")

    with every_way([package("sdk"), ours], issuer.issuer) as (_, plain, young, old):
        assert plain == ours
        files = [package.folder / KEY_FILE.relative_to(ROOT) for package in (young, old)]
        snapshots = [read_key_file(file, issuer.issuer.url) for file in files]
        ages = [time.time() - snapshot.fetched_at for snapshot in snapshots if snapshot]
        assert 0 <= ages[0] < FRESH_SECONDS <= ages[1] < MAX_STALE_SECONDS
        assert [set(snapshot.keys) for snapshot in snapshots if snapshot] == [{"key_1"}] * 2
        assert (old.folder / "server.py").exists()
        assert old.variables("https://acme.authkit.app")["WORKOS_AUTHKIT_DOMAIN"] == "https://acme.authkit.app"

    assert not any(file.exists() for file in files)
    assert not list((ours.folder / "app").iterdir())


def test_each_round_has_all_and_begins_with_another(package: Package) -> None:
    subjects = [package(key) for key in ("floor", "sdk", "ours")]

    turns = "".join(subject.key[0] for subject in in_turn(subjects, 4))

    assert turns == "fsosofofsfso"


def test_samples_are_kept_apart_by_row_and_subject(package: Package) -> None:
    floor, sdk = package("floor"), package("sdk")
    samples = Samples("Table")

    for value in (5, 1, 2):
        samples.add("row", floor, "ms", value)
    samples.add("row", sdk, "ms", 7)
    samples.add("other", floor, "MB", 8)

    assert samples.figures() == [
        Figure("Table", "row", "floor", "ms", 1, 2, 5),
        Figure("Table", "row", "sdk", "ms", 7, 7, 7),
        Figure("Table", "other", "floor", "MB", 8, 8, 8),
    ]


def test_a_package_is_weighed_without_its_times(package: Package) -> None:
    subject = package()
    (subject.folder / "some-1.0.dist-info").mkdir()
    before = sizes.zipped(subject.folder)

    os.utime(subject.folder / "server.py", (0, 0))

    assert sizes.zipped(subject.folder) == before < sizes.installed(subject.folder) + 200
    assert sizes.installed(subject.folder) == len(SERVER)
    found = medians(sizes.figures([subject], [subject]))
    assert found["installed, without byte code", "floor"] == len(SERVER) / 1_000_000
    assert found["distributions", "floor"] == 1


def test_under_lambdas_runtime_a_package_sees_nothing_of_this_repository(package: Package, tmp_path: Path) -> None:
    subject = package()
    artefact = Artefact(subject.folder, subject.python, tmp_path / "libraries", last=())

    settings = settings_of(subject, "http://127.0.0.1:1", artefact)

    assert settings["PYTHONPATH"].split(os.pathsep) == [str(subject.folder), str(tmp_path / "libraries")]
    assert settings["ISSUER"] == "http://127.0.0.1:1"
    assert str(ROOT) not in settings["PYTHONPATH"]
