"""What happens around the function: keys come and go, AuthKit and WorkOS fail, nobody calls for a night."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.endurance.world import World

CALM = 0.3
"""Seconds between two exchanges where nothing happens."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Incident:
    name: str
    seconds: float
    """Of simulated time."""
    exchanges: int
    begin: Callable[[World], None]
    end: Callable[[World], None]


def _key_joins(world: World) -> None:
    name, key = world.new_key()
    world.issuer.keys = {name: key, **world.issuer.keys}  # the first one signs


def _old_keys_leave(world: World) -> None:
    name, key = next(iter(world.issuer.keys.items()))
    world.issuer.keys = {name: key}


def _key_is_replaced(world: World) -> None:
    _key_joins(world)
    _old_keys_leave(world)


def _authkit_fails(world: World) -> None:
    world.issuer.down = True


def _authkit_fails_with_a_new_key(world: World) -> None:
    _authkit_fails(world)
    _key_joins(world)


def _workos_fails(status: int) -> Callable[[World], None]:
    def begin(world: World) -> None:
        world.vendor.trouble = status

    return begin


def _both_fail(world: World) -> None:
    _authkit_fails(world)
    world.vendor.trouble = 429


def _all_is_well(world: World) -> None:
    world.issuer.down, world.vendor.trouble = False, None


def _nothing(world: World) -> None:
    pass


def _well_again_without_old_keys(world: World) -> None:
    _all_is_well(world)
    _old_keys_leave(world)


INCIDENTS = (
    Incident("calm", 45, 150, _nothing, _nothing),
    Incident("a key joins, the old one leaves", 400, 80, _key_joins, _old_keys_leave),
    Incident("a key is replaced at once", 2 * HOUR, 80, _key_is_replaced, _nothing),
    Incident("AuthKit fails for two minutes", 120, 80, _authkit_fails, _all_is_well),
    Incident("AuthKit fails for three hours", 3 * HOUR, 80, _authkit_fails, _all_is_well),
    Incident("AuthKit fails for 30 hours", 30 * HOUR, 80, _authkit_fails, _all_is_well),
    Incident(
        "AuthKit fails, and then has new keys alone",
        1 * HOUR,
        80,
        _authkit_fails_with_a_new_key,
        _well_again_without_old_keys,
    ),
    Incident("WorkOS asks for patience", 600, 120, _workos_fails(429), _all_is_well),
    Incident("WorkOS fails", 12, 60, _workos_fails(503), _all_is_well),
    Incident("both fail", 600, 80, _both_fail, _all_is_well),
    Incident("a quiet night", 10 * HOUR, 15, _nothing, _nothing),
)


def history(world: World) -> Iterator[str]:
    """For each exchange the name of what is going on; every incident once, with calm between, then all again."""
    while True:
        deck = [each for each in INCIDENTS if each.name != "calm"]
        world.rng.shuffle(deck)
        for each in (part for incident in deck for part in (INCIDENTS[0], incident)):
            each.begin(world)
            world.pace = each.seconds / each.exchanges
            for _ in range(each.exchanges):
                yield each.name
            each.end(world)
            world.pace = CALM
