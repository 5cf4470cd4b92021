"""What was measured, from measured.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("measured.toml")


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds on one core of the machine that measured, without networks; `record` is bytes."""

    init: float
    first_after_init: float
    first_restored: float
    first_not_warmed: float
    first_secret_restored: float
    first_secret_not_warmed: float
    warm: float
    record: float
    taken: str


def load(file: Path = FILE) -> Measured:
    held = tomllib.loads(file.read_text())
    taken = "{date}, `{command}`: {where}".format(**held["taken"])
    return Measured(**held["milliseconds"], **held["bytes"], taken=taken)
