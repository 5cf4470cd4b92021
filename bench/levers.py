"""Measure each lever of a cold start by leaving it out: `.venv/bin/python -m bench.levers`.

Up to the first authenticated tools/call, with signing keys deployed, as ratios to this server as it is. With
--instructions valgrind counts those instead (minutes): other work on the machine does not change them.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bench.layout import compile_all, link
from bench.packages import FOLDER, build, python
from bench.subject import Subject
from tests.issuer import public_jwk
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer

AS_IT_IS = "as it is"
LEFT_OUT = {
    AS_IT_IS: "",
    "models built at import": "lean._import_with_deferred_models = lambda: None",
    "collector on": "lean.gc = Collector",
    "pydantic.v1 imported": "import pydantic.v1.dataclasses",
    "uvicorn imported": "import uvicorn.main",
}
VARIANT = """
import app.runtime.lean as lean

class Collector:
    isenabled = lambda: True
    enable = disable = freeze = lambda: None

{before}
from app.handler import handler
{after}
"""
RUN = """
import json, os, sys, time
import variant
answer = variant.handler(json.loads(sys.argv[1]), None)
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print("used", time.process_time(), peak, flush=True)
os._exit(answer["statusCode"] != 200)
"""
COUNTING = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
_SERVERS = ("uvicorn", "click")
"""What infra/deploy/slim.py leaves out."""


def main() -> None:
    rounds = 3 if "--quick" in sys.argv else 11
    version = _done([str(python()), "--version"], {}).stdout.split()[-1]
    with loopback_issuer() as issuer, _variants(build("ours"), issuer) as variants:
        if "--instructions" in sys.argv:
            counted = {lever: _instructions(subject, issuer) for lever, subject in variants.items()}
            _print(f"Python {version}", ["instructions"], counted)
            return
        measured: dict[str, list[list[float]]] = {lever: [] for lever in variants}
        for _ in range(rounds):
            for lever, subject in variants.items():
                measured[lever].append(_run(subject, issuer))
    least = {
        lever: [min(each) for each in zip(*runs, strict=True)]  # other work on the machine only ever adds
        for lever, runs in measured.items()
    }
    _print(f"{rounds} rounds, Python {version}", ["CPU", "peak memory"], least)


def _print(title: str, columns: list[str], values: Mapping[str, list[float]]) -> None:
    print(f"| {title} |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for lever, found in values.items():
        ratios = (value / usual for value, usual in zip(found, values[AS_IT_IS], strict=True))
        print(f"| {lever} |", " | ".join(f"{ratio:.3f}" for ratio in ratios), "|")


@contextmanager
def _variants(ours: Subject, issuer: LoopbackIssuer) -> Iterator[Mapping[str, Subject]]:
    """This server once for each lever, in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="levers-") as made:
        variants = {}
        for number, (lever, code) in enumerate(LEFT_OUT.items()):
            folder, late = Path(made) / str(number), code.startswith("import ")
            link(ours.folder, folder)
            (folder / "variant.py").write_text(VARIANT.format(before=code * (not late), after=code * late))
            keys = [public_jwk(kid, key) for kid, key in issuer.issuer.keys.items()]
            document = {"keys": keys, "issuer": issuer.issuer.url, "fetched_at": int(time.time())}
            (folder / "app/signing_keys.json").write_text(json.dumps(document))
            brought = _SERVERS if "uvicorn" in code else ()
            for name in brought:
                shutil.copytree(Path(import_module(name).__path__[0]), folder / name)
            for name in ("variant.py", *brought):
                compile_all(folder / name, ours.python)
            variants[lever] = replace(ours, folder=folder, module="variant")
        yield variants


def _run(subject: Subject, issuer: LoopbackIssuer) -> list[float]:
    """CPU seconds and the peak of memory of one process."""
    ran = _done([*subject.command, "-c", RUN, _event(issuer)], subject.variables(issuer.issuer.url))
    used = next(line for line in ran.stdout.splitlines() if line.startswith("used "))
    return [float(value) for value in used.split()[1:]]


def _instructions(subject: Subject, issuer: LoopbackIssuer) -> list[float]:
    variables = {**subject.variables(issuer.issuer.url), "PYTHONHASHSEED": "0"}
    ran = _done([*COUNTING, *subject.command, "-c", RUN, _event(issuer)], variables)
    found = re.search(r"I\s+refs:\s+([\d,]+)", ran.stderr)
    assert found, "valgrind says how many instructions there were"
    return [float(found[1].replace(",", ""))]


def _event(issuer: LoopbackIssuer) -> str:
    return json.dumps(issuer.call("echo", text="hello"))


def _done(command: list[str], variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True)


if __name__ == "__main__":
    main()
