"""Requests that are well-formed, and as large, as deep or as long in one place as a gateway lets through."""

from collections.abc import Mapping

from tests.hostile.calls import MARK, Json

MEGABYTE = MARK * 65_536
LIMIT = 4 * 1024 * 1024


def call(name: str, **arguments: Json) -> tuple[str, dict[str, Json]]:
    return "tools/call", {"name": name, "arguments": arguments}


def completed(value: str, **filled: str) -> tuple[str, dict[str, Json]]:
    ref, argument = {"type": "ref/prompt", "name": "introduces"}, {"name": "name", "value": value}
    return "completion/complete", {"ref": ref, "argument": argument, "context": {"arguments": filled}}


_ACCEPTED = {"action": "accept"}
MANY = {f"{MARK}-{number}": 1 for number in range(30_000)}
REQUESTS: Mapping[str, tuple[str, dict[str, Json]]] = {
    "a long text": call("typed", text=MEGABYTE, number=1),
    "a long text where a number belongs": call("typed", text="", number=MEGABYTE),
    "many arguments": ("tools/call", {"name": "typed", "arguments": MANY}),
    "a large table of numbers": call("typed", text="", number=1, table=MANY),
    "a large table of what are no numbers": call("typed", text="", number=1, table=dict.fromkeys(MANY, MARK)),
    "a table with names of the caller's own": call("typed", text="", number=1, table={MARK: MARK}),
    "many tags": call("typed", text="", number=1, tags=[MARK] * 100_000),
    "many tags of a wrong type": call("typed", text="", number=1, tags=[1] * 100_000),
    "a long number": call("typed", text="", number=10**4000),
    "a long negative number": call("typed", text="", number=-(10**4000), ratio=10**4000),
    "a wide tree": call("nested", part={"name": "", "parts": [{"name": MARK}] * 20_000}),
    "a header's argument of a megabyte": call("mirrored", region=MEGABYTE),
    "a tool's name of a megabyte": ("tools/call", {"name": MEGABYTE}),
    "a method of a megabyte": (MEGABYTE, {}),
    "a URI of a megabyte": ("resources/read", {"uri": f"file://{MEGABYTE}"}),
    "a URI that climbs": ("resources/read", {"uri": "file://" + "../" * 300_000}),
    "a URI of many parts": ("resources/read", {"uri": "item://" + "1/" * 300_000 + "data"}),
    "a URI of many escapes": ("resources/read", {"uri": "file://" + "%41" * 300_000}),
    "a query of many parts": ("resources/read", {"uri": "query://all?" + "page=1&" * 150_000}),
    "a cursor of a megabyte": ("tools/list", {"cursor": MEGABYTE}),
    "a request state of a megabyte": ("tools/call", {"name": "confirms", "requestState": MEGABYTE}),
    "a progress token of a megabyte": ("tools/call", {"name": "notifies", "_meta": {"progressToken": MEGABYTE}}),
    "a trace of a megabyte": ("tools/call", {"name": "notifies", "_meta": {"traceparent": MEGABYTE}}),
    "a prompt's argument of a megabyte": (
        "prompts/get",
        {"name": "introduces", "arguments": {"name": MEGABYTE, "times": MEGABYTE}},
    ),
    "a completion of a megabyte": completed(MEGABYTE, kind=MEGABYTE),
    "a completion with much filled in": completed("", **dict.fromkeys(MANY, MARK)),
    "answers to what nobody asked": (
        "tools/call",
        {"name": "confirms", "arguments": {"target": ""}, "inputResponses": dict.fromkeys(MANY, _ACCEPTED)},
    ),
}


PLACE = "place"
IDS: Mapping[str, str] = {
    "a long text": f'"{MEGABYTE}"',
    "a text that is twice as long once it is escaped": f'"{chr(0x20AC) * 1_390_000}"',
    "a long number": "9" * 4000,
    "a number that is too long": "9" * 5000,
    "a negative one": "-1",
    "empty": '""',
    "a flag": "true",
    "a fraction": "0.5",
    "infinite": "1e999",
    "a surrogate": r'"\ud800"',
}
"""As they are written."""
DEEP: Mapping[str, tuple[tuple[str, dict[str, Json]], str, str]] = {
    "a value": (call("nested", part={"name": ""}, anything=PLACE), "[", "]"),
    "a tree": (call("nested", part={"name": "", "parts": [PLACE]}), '{"name":"","parts":[', "]}"),
    "an argument that nobody knows": (call("refuses", extra=PLACE), '{"a":', "}"),
    "a trace": (("tools/call", {"name": "notifies", "_meta": {"traceparent": PLACE}}), "[", "]"),
    "a parameter that nobody knows": (("tools/list", {"extra": PLACE}), '{"a":', "}"),
    "an answer": (("tools/call", {"name": "confirms", "inputResponses": {"sure": PLACE}}), "[", "]"),
    "a method that nobody knows": (("x", {"extra": PLACE}), "[", "]"),
}
"""Where to go deep, and what to go deep with."""


def deepened(text: str, opening: str, closing: str, depth: int) -> str:
    """A body whose one PLACE is nested so deep; written by hand, as Python's own JSON gives up before."""
    return text.replace(f'"{PLACE}"', opening * depth + '{"name":""}' + closing * depth)
