"""Signing keys in fresh environments of this server, by what they start with: `python -m bench.keys`.

Processes of their own with the built package, forks of one snapshot, and for large numbers applications in here.
"""

import asyncio
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.settings import KEY_FILE
from bench import packages, report
from bench.rounds import Samples, in_turn
from bench.running import Running
from bench.subject import Figure, Subject
from bench.unreachable import UNREACHABLE
from infra.local.loopback import LoopbackServer
from tests.issuer import Issuer, public_jwk
from tests.loopback_issuer import KEYS, LoopbackIssuer
from tests.rig import SETTINGS, Rig
from tests.snapshot.restoring import SnapStartFunction

TABLE = "Signing keys at start"
AGES = {"no keys": None, "keys of 10 min": 600.0, "keys of 10 h": 36_000.0, "keys of 30 h": 108_000.0}
"""What a deployment left beside the code."""
SNAPSTART = {"SnapStart": "true", "SnapStart, KEY_SNAPSHOT=false": "false"}
LATER_CALLS = 4
_FAILED = 255
SECONDS = 0.1
"""That AuthKit takes for its keys: a TLS connection and an answer from another region."""


def figures(*, quick: bool = False) -> list[Figure]:
    samples = Samples(TABLE)
    environments, processes, restored = (50, 2, 5) if quick else (1000, 12, 100)
    logging.disable()  # of the applications in this process
    try:
        for start, age in AGES.items():
            _count(samples, start, age, environments)
    finally:
        logging.disable(logging.NOTSET)
    _first_answers(samples, processes)
    _restored(samples, restored)
    return samples.figures()


def _count(samples: Samples, start: str, age: float | None, environments: int) -> None:
    """The fetches of this many fresh environments, one after the other."""
    with TemporaryDirectory() as folder:
        issuer = Issuer()
        file = _write(Path(folder), issuer, age, now=issuer.clock.now)
        rig = Rig(replace(SETTINGS, key_file=file), issuer)
        counts = [_fetches_of_a_copy(rig) for _ in range(environments)]
        rig.close()
    first, all_of_them = (sum(each) for each in zip(*counts, strict=True))
    samples.add(f"fetches of {environments} environments, at the first call", _as(start), "", first)
    samples.add(f"the same, after {LATER_CALLS} more calls", _as(start), "", all_of_them)


def _fetches_of_a_copy(rig: Rig) -> tuple[int, int]:
    """At its first call, and after more, of an environment that has served nobody: a fork of this one."""
    if (child := os.fork()) == 0:
        counted = _FAILED
        try:
            counted = _fetches_after(rig, 1) * 10 + _fetches_after(rig, LATER_CALLS)
        finally:
            os._exit(counted)
    _, status = os.waitpid(child, 0)
    counted = os.waitstatus_to_exitcode(status)
    assert counted != _FAILED
    return divmod(counted, 10)


def _fetches_after(rig: Rig, calls: int) -> int:
    for _ in range(calls):
        assert rig.exchange("tools/list").status == 200
    return rig.issuer.jwks_fetches


def _first_answers(samples: Samples, processes: int) -> None:
    with _slow_issuer() as issuer, _deployed(issuer.issuer) as subjects:
        for subject in in_turn(subjects, processes):
            status, first, second = _answers(subject, issuer)
            assert status == 200
            samples.add(f"first answer, AuthKit takes {SECONDS * 1000:.0f} ms", subject, "ms", first)
            samples.add("second answer", subject, "ms", second)
    for how, unreachable in UNREACHABLE.items():
        with unreachable() as down, _deployed(down.issuer) as subjects:
            for subject in subjects:
                status, first, _ = _answers(subject, down)
                samples.add(f"status, AuthKit {how}", subject, "", status)
                samples.add(f"answered after, AuthKit {how}", subject, "ms", first)


def _answers(subject: Subject, issuer: LoopbackIssuer) -> tuple[int, float, float]:
    """Of a fresh process: the first status, and milliseconds of two calls."""
    with Running(replace(subject, key="ours"), issuer.issuer.url) as environment:
        first, second = (environment.call([json.dumps(issuer.call("echo", text="hello"))]) for _ in range(2))
    return first.answers[0].status, first.wall[0] * 1000, second.wall[0] * 1000


def _restored(samples: Samples, environments: int) -> None:
    """Environments of one snapshot, which was taken just before."""
    for start, setting in SNAPSTART.items():
        with _slow_issuer() as issuer:
            function = SnapStartFunction(
                "tests.catalogues.usual.tools", {**issuer.settings, "KEY_SNAPSHOT": setting}
            )
            for _ in range(environments):
                with function.restore() as environment:
                    for row in (f"first answer, AuthKit takes {SECONDS * 1000:.0f} ms", "second answer"):
                        began = time.perf_counter()
                        assert environment.send(issuer.call("whoami")).status == 200
                        samples.add(row, _as(start), "ms", (time.perf_counter() - began) * 1000)
            function.close()
        samples.add(f"fetches of {environments} restored environments", _as(start), "", issuer.jwks_fetches)


@dataclass
class SlowIssuer(LoopbackIssuer):
    seconds: float = field(default=SECONDS)

    async def _answer(self, path: str) -> bytes:
        if path == KEYS:
            await asyncio.sleep(self.seconds)
        return await super()._answer(path)


@contextmanager
def _slow_issuer() -> Iterator[SlowIssuer]:
    served = SlowIssuer()
    with LoopbackServer(served) as server:
        served.issuer.url = server.url
        yield served


@contextmanager
def _deployed(issuer: Issuer) -> Iterator[list[Subject]]:
    """The built package, once for each kind of start."""
    built = packages.build("ours")
    with TemporaryDirectory(dir=packages.FOLDER, prefix="keys-") as folder:
        yield [_copied(built, Path(folder) / f"{n}", start, issuer) for n, start in enumerate(AGES)]


def _copied(built: Subject, folder: Path, start: str, issuer: Issuer) -> Subject:
    shutil.copytree(built.folder, folder, copy_function=os.link)
    _write(folder / "app", issuer, AGES[start], now=time.time())
    return replace(built, key=start, folder=folder)


def _write(folder: Path, issuer: Issuer, age: float | None, *, now: float) -> Path:
    """The key file of that age, or the path where none is."""
    file = folder / KEY_FILE.name
    if age is not None:
        keys = [public_jwk(kid, key) for kid, key in issuer.keys.items()]
        file.write_text(json.dumps({"issuer": issuer.url, "fetched_at": int(now - age), "keys": keys}))
    return file


def _as(start: str) -> Subject:
    """A column that is no package."""
    return Subject(start, start, Path(), Path(), "", ())


if __name__ == "__main__":
    print(report.markdown(figures(quick="--quick" in sys.argv), {}))
