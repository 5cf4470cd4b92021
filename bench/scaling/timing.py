"""How long an environment takes for what, at a size of memory."""

from dataclasses import dataclass
from typing import Literal

from bench.scaling.assumed import Assumed
from bench.scaling.limits import Published
from bench.scaling.measured import Measured

Keys = Literal["fresh", "old", "none"]
"""Signing keys from before an environment: up to an hour old, up to a day (app/auth/signing_keys.py), or none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How environments start, and with which signing keys."""

    snap_start: bool
    keys: Keys = "fresh"

    @property
    def start(self) -> str:
        return "SnapStart" if self.snap_start else "INIT"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A cold call takes `start` and `first`, and `secret` more if it is the first that needs the API key.

    `secret_again` is for SSM alone, when the key is five minutes old.
    """

    start: float
    first: float
    warm: float
    secret: float
    secret_again: float
    fetches_keys: bool


def timing(
    measured: Measured, kind: Kind, *, memory: float, tool: float, assumed: Assumed | None = None
) -> Timing:
    """`tool` is what the tool itself takes, in ms: waiting, which no memory shortens."""
    guess = assumed or Assumed()
    slower = 1 / min(1.0, memory / Published().mb_per_core)
    first = measured.first_restored if kind.snap_start else measured.first_after_init
    # Old keys serve the first call, and are fetched anew behind it.
    network = guess.jwks_network if kind.keys == "none" else 0.0
    start = guess.restore if kind.snap_start else guess.placement + measured.init * slower
    return Timing(
        start=start / 1000,
        first=(first * slower + network + tool) / 1000,
        warm=(measured.warm * slower + tool) / 1000,
        secret=(_secret(measured, kind) * slower + guess.ssm_network) / 1000,
        secret_again=guess.ssm_network / 1000,
        fetches_keys=kind.keys != "fresh",
    )


def _secret(measured: Measured, kind: Kind) -> float:
    if kind.snap_start:
        return measured.first_secret_restored - measured.first_restored
    return measured.first_secret_not_warmed - measured.first_not_warmed
