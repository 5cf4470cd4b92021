"""Bodies that are small to send and large to read: one place of a request filled up to a given size."""

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from tests.hostile.calls import Json
from tests.rig import MODERN, message

PLACE = "\u0001place"
LIMIT = 4 * 1024 * 1024
Fill = Callable[[int], str]
"""A JSON value of about so many bytes."""


def many(part: str, opening: str = "[", closing: str = "]") -> Fill:
    def fill(size: int) -> str:
        times = max(1, (size - 2) // (len(part) + 1))
        return opening + ",".join([part] * times) + closing

    return fill


def named(part: str) -> Fill:
    """An object of many members, each with a name of its own."""

    def fill(size: int) -> str:
        members, left = [], size
        for number in count():
            members.append(f'"{number:x}":{part}')
            left -= len(members[-1]) + 1
            if left < 10:
                return "{" + ",".join(members) + "}"
        raise AssertionError

    return fill


def text(part: str) -> Fill:
    return lambda size: '"' + part * max(1, (size - 2) // len(part.encode())) + '"'


def digits(size: int) -> str:
    return "9" * size


def deep(opening: str, closing: str, core: str = "1", depth: int | None = None) -> Fill:
    """As deep as the size allows, or many that are each so deep."""

    def fill(size: int) -> str:
        each = len(opening) + len(closing)
        if depth is None:
            times = max(1, (size - len(core)) // each)
            return opening * times + core + closing * times
        return many(opening * depth + core + closing * depth)(size)

    return fill


def balanced(nodes: int) -> str:
    """A tree of empty objects with two branches each."""
    if nodes < 2:
        return "{}"
    half = balanced((nodes - 1) // 2)
    return '{"left":' + half + ',"right":' + half + "}"


def colliding(make: Callable[[int], str], opening: str = "[", closing: str = "]") -> Fill:
    """Different numbers, for which Python has one hash."""

    def fill(size: int) -> str:
        parts, left = [], size - 2
        for number in count(1):
            parts.append(make(5 + number * sys.hash_info.modulus))
            left -= len(parts[-1]) + 1
            if left < 60:
                return opening + ",".join(parts) + closing
        raise AssertionError

    return fill


def mixed(seed: int) -> Fill:
    """Anything, always the same for one seed."""

    def fill(size: int) -> str:
        draw = random.Random(seed)
        parts, left = [], size - 2
        while left > 200:
            parts.append(json.dumps(_drawn(draw, draw.randrange(1, 6)), separators=(",", ":")))
            left -= len(parts[-1]) + 1
        return "[" + ",".join(parts) + "]"

    return fill


def _drawn(draw: random.Random, levels: int) -> Json:
    kind = draw.randrange(8)
    if levels and kind < 3:
        return [_drawn(draw, levels - 1) for _ in range(draw.randrange(4))]
    if levels and kind < 6:
        names = draw.sample(
            ["x", "y", "label", "left", "of", "added", "kind", "role", "content"], draw.randrange(4)
        )
        return {name: _drawn(draw, levels - 1) for name in names}
    return draw.choice([None, True, 1, -(2**61), 1.5, "", "1", "[[],{}]", "\ud800", "cat"])


NUMBERS, TEXTS = many("1"), many('""')
LISTS, OBJECTS, PAIRS = many("[]"), many("{}"), many('{"":1}')
REPEATED = many('"":1', "{", "}")
SAMPLED: Fill = lambda size: '{"a":{"role":"user","model":"m","content":' + OBJECTS(size) + "}}"  # noqa: E731


def call(tool: str, argument: str) -> tuple[str, Json]:
    return "tools/call", {"name": tool, "arguments": {argument: PLACE}}


@dataclass(frozen=True)
class Shape:
    method: str
    params: Json
    fill: Fill
    version: str = MODERN
    meta: str = ""
    """The member of `_meta` that is filled instead."""

    def written(self, size: int) -> tuple[dict[str, str], str]:
        """Headers and body, of at most so many bytes."""
        headers, body = message(self.method, self.params, self.version)
        if self.meta:
            body["params"]["_meta"] = {**body["params"].get("_meta", {}), self.meta: PLACE}
        frame = json.dumps(body)
        for name, value in headers.items():
            if PLACE in value:
                headers[name] = "x"
        room = size - len(frame.encode())
        filled = self.fill(room)
        if (over := len(filled.encode()) - room) > 0:  # what stands around the parts
            filled = self.fill(room - over)
        return headers, frame.replace(json.dumps(PLACE), filled, 1)


OLD = "2025-11-25"
LONG = text("a")
ESCAPED: Fill = lambda size: '"file://' + "%41" * ((size - 9) // 3) + '"'  # noqa: E731
CLIMBING: Fill = lambda size: '"file://' + "../" * ((size - 9) // 3) + '"'  # noqa: E731
PARTS: Fill = lambda size: '"item://' + "1/" * ((size - 13) // 2) + 'data"'  # noqa: E731
QUERY: Fill = lambda size: '"query://all?' + "page=1&" * ((size - 14) // 7) + '"'  # noqa: E731
HOST = "".join(chr(0x4E00 + 7 * number) for number in range(250))
SPACED: Fill = lambda size: '"file://' + " " * (size - 9) + '"'  # noqa: E731
CLIENT = "io.modelcontextprotocol/clientInfo"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
ICONS: Fill = lambda size: '{"name":"c","version":"1","icons":' + OBJECTS(size) + "}"  # noqa: E731
EXPERIMENTAL: Fill = lambda size: '{"experimental":' + named("1")(size) + "}"  # noqa: E731
EXTENSIONS: Fill = lambda size: '{"extensions":' + named("1")(size) + "}"  # noqa: E731
WHOAMI = {"name": "lists", "arguments": {}}
READ, GET = {"uri": "file://a"}, {"name": "introduces", "arguments": {"name": "x"}}


def answers(**params: Json) -> dict[str, Json]:
    return {**params, "inputResponses": PLACE}


def _initialize(**params: Json) -> dict[str, Json]:
    about = {"protocolVersion": OLD, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
    return {**about, **params}


def _completion(**params: Json) -> dict[str, Json]:
    ref = {"type": "ref/prompt", "name": "introduces"}
    return {"ref": ref, "argument": {"name": "name", "value": ""}, **params}


ENVELOPE: Mapping[str, Shape] = {
    "sampling answers of a call": Shape("tools/call", answers(**WHOAMI), SAMPLED),
    "sampling answers of an unknown tool": Shape("tools/call", answers(name="nothing"), SAMPLED),
    "sampling answers of a hidden tool": Shape("tools/call", answers(name="hidden"), SAMPLED),
    "sampling answers of a prompt": Shape("prompts/get", answers(**GET), SAMPLED),
    "sampling answers of a resource": Shape("resources/read", answers(**READ), SAMPLED),
    "empty answers": Shape("tools/call", answers(**WHOAMI), named("{}")),
    "a list of answers": Shape("tools/call", answers(**WHOAMI), OBJECTS),
    "roots": Shape("tools/call", answers(**WHOAMI), lambda n: '{"a":{"roots":' + OBJECTS(n) + "}}"),
    "an answer's many fields": Shape(
        "tools/call", answers(**WHOAMI), lambda n: '{"a":{"action":"accept","content":' + named("[1]")(n) + "}}"
    ),
    "an answer's list": Shape(
        "tools/call",
        answers(**WHOAMI),
        lambda n: '{"a":{"action":"accept","content":{"x":' + NUMBERS(n) + "}}}",
    ),
    "icons in a call": Shape("tools/call", WHOAMI, ICONS, meta=CLIENT),
    "icons in a list": Shape("tools/list", {}, ICONS, meta=CLIENT),
    "icons in server/discover": Shape("server/discover", {}, ICONS, meta=CLIENT),
    "icons in initialize": Shape("initialize", _initialize(clientInfo=PLACE), ICONS, OLD),
    "experimental in a call": Shape("tools/call", WHOAMI, EXPERIMENTAL, meta=CAPABILITIES),
    "extensions in a call": Shape("tools/call", WHOAMI, EXTENSIONS, meta=CAPABILITIES),
    "experimental in initialize": Shape("initialize", _initialize(capabilities=PLACE), EXPERIMENTAL, OLD),
    "capabilities that are a list": Shape("tools/call", WHOAMI, OBJECTS, meta=CAPABILITIES),
    "unknown metadata": Shape("tools/call", WHOAMI, OBJECTS, meta="x"),
    "a progress token": Shape("tools/call", WHOAMI, OBJECTS, meta="progressToken"),
    "unknown params": Shape("tools/list", {"x": PLACE}, OBJECTS),
    "arguments that are a list": Shape("tools/call", {"name": "whoami", "arguments": PLACE}, OBJECTS),
    "a name that is a list": Shape("tools/call", {"name": PLACE}, OBJECTS),
    "a prompt's arguments": Shape("prompts/get", {"name": "introduces", "arguments": PLACE}, named("1")),
    "a prompt's texts": Shape("prompts/get", {"name": "introduces", "arguments": PLACE}, named('""')),
    "an unknown prompt's arguments": Shape("prompts/get", {"name": "none", "arguments": PLACE}, named("1")),
    "a completion's context": Shape("completion/complete", _completion(context={"arguments": PLACE}), named("1")),
    "a completion's argument": Shape("completion/complete", _completion(argument=PLACE), OBJECTS),
    "a completion's ref": Shape("completion/complete", _completion(ref=PLACE), OBJECTS),
    "a URI that is a list": Shape("resources/read", {"uri": PLACE}, OBJECTS),
    "a cursor that is a list": Shape("tools/list", {"cursor": PLACE}, OBJECTS),
    "a log level": Shape("logging/setLevel", {"level": PLACE}, OBJECTS, OLD),
    "a request state": Shape("tools/call", {**WHOAMI, "requestState": PLACE}, OBJECTS),
    "an unknown method": Shape("x", {"x": PLACE}, OBJECTS),
    "a method of the other era": Shape("initialize", _initialize(clientInfo=PLACE), ICONS),
    "a long name": Shape("tools/call", {"name": PLACE}, LONG),
    "a long URI": Shape("resources/read", {"uri": PLACE}, LONG),
    "a URI of many escapes": Shape("resources/read", {"uri": PLACE}, ESCAPED),
    "a URI that climbs": Shape("resources/read", {"uri": PLACE}, CLIMBING),
    "a URI of many parts": Shape("resources/read", {"uri": PLACE}, PARTS),
    "a URI with a long query": Shape("resources/read", {"uri": PLACE}, QUERY),
    "a URI of spaces": Shape("resources/read", {"uri": PLACE}, SPACED),
    "an old URI of many escapes": Shape("resources/read", {"uri": PLACE}, ESCAPED, OLD),
    "a long URI to complete": Shape(
        "completion/complete", _completion(ref={"type": "ref/resource", "uri": PLACE}), ESCAPED
    ),
    "a long value to complete": Shape(
        "completion/complete", _completion(argument={"name": "name", "value": PLACE}), LONG
    ),
    "a prompt's long text": Shape("prompts/get", {"name": "introduces", "arguments": {"name": PLACE}}, LONG),
    "a prompt's long number": Shape(
        "prompts/get", {"name": "introduces", "arguments": {"name": "", "times": PLACE}}, text("1")
    ),
    "a prompt's JSON in a text": Shape(
        "prompts/get", {"name": "introduces", "arguments": {"name": "", "times": PLACE}}, lambda n: f'"{LISTS(n)}"'
    ),
    "a long cursor": Shape("tools/list", {"cursor": PLACE}, LONG),
    "a long method": Shape(PLACE, {}, LONG),
    "a long log level": Shape("logging/setLevel", {"level": PLACE}, LONG, OLD),
    "a long request state": Shape("tools/call", {**WHOAMI, "requestState": PLACE}, LONG),
    "a long progress token": Shape("tools/call", WHOAMI, LONG, meta="progressToken"),
    "a long number for a progress token": Shape("tools/call", WHOAMI, digits, meta="progressToken"),
    "a long trace": Shape("tools/call", WHOAMI, LONG, meta="traceparent"),
    "a long version": Shape("tools/call", WHOAMI, LONG, meta="io.modelcontextprotocol/protocolVersion"),
    "a client's long name": Shape(
        "tools/call", WHOAMI, lambda n: '{"version":"1","name":' + LONG(n) + "}", meta=CLIENT
    ),
    "a long answer": Shape(
        "tools/call", answers(**WHOAMI), lambda n: '{"a":{"action":"accept","content":{"x":' + LONG(n) + "}}}"
    ),
    "a long argument of a hidden tool": Shape(
        "tools/call", {"name": "hidden", "arguments": {"texts": PLACE}}, LONG
    ),
    "many arguments of a hidden tool": Shape("tools/call", {"name": "hidden", "arguments": PLACE}, named("1")),
    "many arguments of an unknown tool": Shape("tools/call", {"name": "none", "arguments": PLACE}, named("1")),
    "a notification": Shape("notifications/cancelled", {"x": PLACE}, OBJECTS, OLD),
    "ping": Shape("ping", {"x": PLACE}, OBJECTS, OLD),
}
ARGUMENTS: Mapping[str, tuple[str, str, Fill]] = {
    "texts that are numbers": ("lists", "texts", NUMBERS),
    "texts": ("lists", "texts", TEXTS),
    "numbers": ("lists", "numbers", NUMBERS),
    "numbers that are texts": ("lists", "numbers", TEXTS),
    "fractions": ("lists", "floats", many("1.5")),
    "a grid of objects": ("lists", "grid", OBJECTS),
    "a grid of empty rows": ("lists", "grid", LISTS),
    "a grid of texts": ("lists", "grid", many('[""]')),
    "empty points": ("lists", "points", OBJECTS),
    "points": ("lists", "points", many('{"x":1,"y":2,"label":""}')),
    "empty shapes": ("lists", "shapes", OBJECTS),
    "shapes": ("lists", "shapes", many('{"x":1,"radius":1.5}')),
    "shapes that are numbers": ("lists", "shapes", NUMBERS),
    "scalars that are texts": ("lists", "scalars", TEXTS),
    "empty pets": ("lists", "pets", OBJECTS),
    "empty rows": ("lists", "rows", OBJECTS),
    "empty cells": ("lists", "cells", OBJECTS),
    "several texts": ("lists", "several", TEXTS),
    "a row of texts": ("lists", "row", TEXTS),
    "pairs of nothing": ("lists", "pairs", LISTS),
    "unique texts": ("lists", "unique", TEXTS),
    "frozen numbers": ("lists", "frozen", NUMBERS),
    "distinct objects": ("lists", "distinct", OBJECTS),
    "sizes that are none": ("lists", "sizes", TEXTS),
    "choices that are none": ("lists", "choices", TEXTS),
    "days": ("lists", "days", many('"2026-01-01T00:00:00Z"')),
    "days that are none": ("lists", "days", TEXTS),
    "URLs": ("lists", "urls", many('"http://a"')),
    "ids": ("lists", "ids", many('"00000000-0000-0000-0000-000000000000"')),
    "sums": ("lists", "sums", many('"1.5"')),
    "empty defaults": ("lists", "defaults", OBJECTS),
    "either of nothing": ("lists", "either", OBJECTS),
    "numbers as JSON in a text": ("lists", "numbers", lambda n: f'"{NUMBERS(n)}"'),
    "lists as JSON in a text": ("lists", "grid", lambda n: f'"{LISTS(n)}"'),
    "defaults as JSON in a text": ("lists", "defaults", lambda n: f'"{OBJECTS(n)}"'),
    "numbers of one hash": ("lists", "unique", colliding(str)),
    "objects of one hash": ("lists", "distinct", colliding(lambda number: f'{{"x":{number}}}')),
    "ids of one hash": ("lists", "unique_ids", colliding(lambda number: f'"{UUID(int=number)}"')),
    "names of one hash": ("tables", "by_number", colliding(lambda number: f'"{number}":""', "{", "}")),
    "equal numbers": ("lists", "unique", NUMBERS),
    "a table of texts": ("tables", "numbers", named('""')),
    "a table of numbers": ("tables", "numbers", named("1")),
    "a table of nothing": ("tables", "points", named("{}")),
    "a table of lists": ("tables", "lists", named('[""]')),
    "a table of shapes": ("tables", "shapes", named("{}")),
    "a table by texts": ("tables", "by_number", named("1")),
    "a mapping": ("tables", "mapping", named("[]")),
    "many members of an exact object": ("tables", "exact", named("1")),
    "many members of an exact row": ("tables", "exact_row", named("1")),
    "many members of an open object": ("tables", "open_one", named("1")),
    "texts where members of any name are numbers": ("tables", "extras", named('"x"')),
    "numbers where members of any name are": ("tables", "extras", named("1")),
    "many members of a choice of exact objects": ("tables", "exact_choice", named("1")),
    "many members of an exact tree": ("tables", "exact_tree", lambda n: '{"of":' + named("1")(n - 8) + "}"),
    "objects of large defaults": ("tables", "large", OBJECTS),
    "hosts that are not ASCII": ("lists", "urls", many(f'"http://{HOST}"')),
    "long hosts": ("lists", "urls", many(f'"http://{HOST * 4}"')),
    "an expression to compile": ("scalars", "expression", text("(a|b)")),
    "anything": ("tables", "anything", PAIRS),
    "a tree without values": (
        "trees",
        "tree",
        many('{"left":{"left":{},"right":{}},"right":{"left":{},"right":{}}}', '{"children":[', "]}"),
    ),
    "an expression that is none": (
        "trees",
        "expression",
        lambda n: deep('{"left":', "}", "{}")(min(n, 30 * 9)),
    ),
    "an expression": (
        "trees",
        "expression",
        lambda n: deep('{"added":1,"left":', "}", '{"number":1}')(min(n, 60 * 18)),
    ),
    "a wide expression": ("trees", "expression", many("{}", '{"added":1,"left":{"of":[', "]}}")),
    "a deep and wide expression": (
        "trees",
        "expression",
        lambda n: deep('{"left":', "}", many("{}", '{"of":[', "]}")(n - 400))(n - 200 if n < 1000 else n),
    ),
    "a tree of many nodes": (
        "trees",
        "node",
        many('{"items":[{"leaf":1},{"first":{"leaf":1}}]}', '{"items":[', "]}"),
    ),
    "a deep tree of nodes": (
        "trees",
        "node",
        lambda n: '{"items":[' + deep('{"first":', "}", '{"leaf":1}', 60)(n - 12)[1:-1] + "]}",
    ),
    "a tree with a bad end": ("trees", "node", lambda n: deep('{"first":', "}", '{"leaf":""}')(min(n, 1900))),
    "a balanced wide tree": ("trees", "wide", lambda n: balanced(min(n // 22, 16000))),
    "a comb of wide trees": ("trees", "wide", lambda n: deep('{"left":{},"right":', "}", "{}")(min(n, 4000))),
    "a table of expressions": ("trees", "bins", named(deep('{"left":', "}", "{}")(100))),
    "grids below grids": (
        "trees",
        "grids",
        lambda n: '{"below":{"below":{"below":{"below":{"grid":' + LISTS(n - 200) + "}}}}}",
    ),
    "numbers below grids": (
        "trees",
        "grids",
        lambda n: deep('{"below":', "}", '{"grid":[' + NUMBERS(n - 200) + "]}")(n - 300 if n < 500 else n),
    ),
    "JSON in a text": ("trees", "text", lambda n: f'"{OBJECTS(n)}"'),
    "JSON in texts": ("trees", "texts", lambda n: f'["{NUMBERS(n)}"]'),
    "JSON in JSON in texts": ("trees", "texts", lambda n: f'"[\\"{NUMBERS(n)}\\"]"'),
    "a whole number of many digits": ("scalars", "whole", digits),
    "a whole number as a text": ("scalars", "whole", lambda n: f'"{digits(n)}"'),
    "an exact number as a text": ("scalars", "exact", lambda n: f'"{digits(n)}"'),
    "a limited number as a text": ("scalars", "limited", lambda n: f'"{digits(n)}"'),
    "a number as a text": ("scalars", "number", lambda n: f'"{digits(n)}"'),
    "a day": ("scalars", "day", text("1")),
    "a URL": ("scalars", "url", lambda n: f'"http://a/{"%41" * (n // 3)}"'),
    "a pattern": ("scalars", "pattern", lambda n: f'"{"a" * (n - 3)}b"'),
    "unknown arguments": ("scalars", PLACE, NUMBERS),
}
FORMS: Mapping[str, Fill] = {
    "numbers": NUMBERS,
    "texts": TEXTS,
    "lists": LISTS,
    "objects": OBJECTS,
    "pairs": PAIRS,
    "members with one name": REPEATED,
    "members with names of their own": named("1"),
    "deep lists": deep("[", "]", "1", 90),
    "too deep lists": deep("[", "]", "1", 900),
    "one deep list": deep("[", "]"),
    "one deep object": deep('{"a":', "}"),
    "long numbers": many("9" * 4000),
    "numbers of many digits": many("9" * 640),
    "long fractions": many("0." + "9" * 1000),
    "exponents": many("1e300"),
    "escapes": text("\\u0041"),
    "short escapes": text("\\n"),
    "backslashes": text("\\\\"),
    "quotes": text('\\"'),
    "wide characters": text("\U0001f600"),
    "one wide character": lambda n: '"' + "a" * (n - 6) + '\U0001f600"',
    "surrogates": text("\\ud800"),
    "brackets in a text": text("[{,:"),
    "spaces": lambda n: "[" + " " * (n - 2) + "]",
    "a long name": lambda n: "{" + text("a")(n - 4) + ":1}",
    "long names": many('"' + "a" * 1000 + '":1', "{", "}"),
    "not JSON": lambda n: "[" * n,
    "not ended": lambda n: NUMBERS(n)[:-1],
    "a text that is not ended": lambda n: '"' + "a" * (n - 1),
}


def shapes(seeds: int = 3) -> Iterator[tuple[str, Shape]]:
    """All of them, and random ones."""
    yield from ENVELOPE.items()
    for name, (tool, argument, fill) in ARGUMENTS.items():
        yield f"argument: {name}", Shape(*call(tool, argument), fill)
    for name, fill in FORMS.items():
        yield f"anything: {name}", Shape(*call("tables", "anything"), fill)
    for seed in range(seeds):
        yield f"mixed {seed} in an answer", Shape("tools/call", answers(**WHOAMI), mixed(seed))
        for tool, argument in (("tables", "anything"), ("lists", "shapes"), ("trees", "node")):
            yield f"mixed {seed} for {argument}", Shape(*call(tool, argument), mixed(seed))
