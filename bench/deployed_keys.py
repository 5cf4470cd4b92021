"""This server as a deployment leaves it that brings the signing keys with the code."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from app.settings import KEY_FILE
from bench.layout import link
from bench.subject import Subject
from tests.issuer import Issuer, public_jwk

AGES = {"keys just deployed": 0, "keys 12 h old": 12 * 3600}
"""Keys of up to an hour serve as they are, keys of up to a day while they are fetched anew behind the calls."""


@contextmanager
def every_way(subjects: Sequence[Subject], issuer: Issuer) -> Iterator[list[Subject]]:
    """All of them, and this server again for each age of keys that were deployed with the code."""
    with ExitStack() as stack:
        ours = [subject for subject in subjects if subject.key == "ours"]
        deployed = [_with_keys(subject, issuer, name, age) for subject in ours for name, age in AGES.items()]
        yield [*subjects, *map(stack.enter_context, deployed)]


@contextmanager
def _with_keys(subject: Subject, issuer: Issuer, name: str, age: int) -> Iterator[Subject]:
    with TemporaryDirectory(dir=subject.folder.parent, prefix="keys-") as made:
        folder = Path(made)
        link(subject.folder, folder)
        keys = [public_jwk(kid, key) for kid, key in issuer.keys.items()]
        document = {"keys": keys, "issuer": issuer.url, "fetched_at": int(time.time()) - age}
        (folder / "app" / KEY_FILE.name).write_text(json.dumps(document))
        yield replace(subject, key=f"{subject.key}, {name}", folder=folder)
