"""What is kept between round trips: it travels as JSON."""

import json
from typing import TypeVar, cast

T = TypeVar("T")


def same_as_json(name: str, value: T) -> T:
    """The value as it will be read back.

    Raises:
        TypeError: it would be another one.
    """
    read = json.loads(json.dumps(value))
    if read != value:
        raise TypeError(f"{name} cannot be kept: keep texts, numbers, truth values, None, lists and dicts of them")
    return cast("T", read)
