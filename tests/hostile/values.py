"""Values that no honest client sends, valid ones in which a part is exchanged, and ways to write them."""

import json
from copy import deepcopy
from math import isfinite
from typing import Any

from hypothesis import strategies as st

from tests.hostile.calls import MARK, WORDS, Json

# Lone surrogates too: JSON can write them, UTF-8 cannot.
_characters = st.characters(exclude_categories=())
LARGE = 10**400
texts = st.one_of(
    st.sampled_from(WORDS),
    st.just(MARK),
    st.text(_characters, max_size=12),
    st.text(_characters, max_size=12).map(MARK.__add__),
    st.sampled_from(["", " ", "\x00", "\ud800", "__proto__", "..", "%00", "\r\nX-Mark: 1", f"{MARK}/" * 2000]),
)
numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([-1, 2**31, 2**53 + 1, 2**63, LARGE, -0.0, 1e308, float("nan"), float("inf")]),
)
json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def weighted(**weights: int) -> st.SearchStrategy[str]:
    """One of the words; the number behind each says how often."""
    return st.sampled_from([word for word, times in weights.items() for _ in range(times)])


def places(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every part, at any depth."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, part in parts for place in [(*path, key), *places(part, (*path, key))]]


@st.composite
def exchanged(draw: st.DrawFn, value: Json) -> Json:
    """The value with one of its parts removed, wrapped, replaced or joined by another."""
    found = places(value)
    # Mostly behind the envelope: a request with a broken one is turned away before anything is read.
    inner = [place for place in found if len(place) > 1]
    *way, last = draw(st.sampled_from(inner if inner and draw(weighted(inner=5, any=1)) == "inner" else found))
    changed = deepcopy(value)
    parent = changed
    for key in way:
        parent = parent[key]
    match draw(weighted(replace=6, remove=2, wrap=1, add=1)):
        case "remove":
            parent.pop(last, None) if isinstance(parent, dict) else parent.pop(last)
        case "wrap":
            parent[last] = [deepcopy(parent[last])]
        case "add" if isinstance(parent, dict):
            parent[draw(texts)] = draw(json_values)
        case _:
            parent[last] = draw(json_values)
    return changed


def finite(value: Json) -> Json:
    """Without the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [finite(part) for part in value]
    return value if not isinstance(value, float) or isfinite(value) else None


@st.composite
def written(draw: st.DrawFn, value: Json) -> str | bytes:
    """The value as JSON, or as something that only begins so."""
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    match draw(weighted(numbers=2, twice=2, cut=1, bytes=1, utf16=1, deep=2)):
        case "numbers":  # what no double holds, and more digits than Python reads
            return text.replace("1", draw(st.sampled_from(["1e999", "-1e999", "9" * 5000])), 1)
        case "twice":
            return text.replace("{", '{"id":7,"method":"tools/list",', 1)
        case "cut":
            return text[: draw(st.integers(0, len(text)))]
        case "bytes":
            place = draw(st.integers(0, len(text)))
            return encoded(text[:place]) + draw(st.binary(max_size=8)) + encoded(text[place:])
        case "utf16":
            return text.encode("utf-16", "surrogatepass")
    depth = draw(st.sampled_from([10, 200, 1000, 5000]))
    return text.replace(f'"{MARK}"', "[" * depth + "]" * depth)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
