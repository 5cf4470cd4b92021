"""Requests of a hostile client: valid ones of both eras with parts exchanged, any JSON, any bytes, any headers."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from hypothesis import strategies as st

from tests.events import http_api, load_balancer, rest_api
from tests.hostile.calls import BEGINNINGS, CALLS, MARK, REFUSED, STATES, Json
from tests.hostile.values import encoded, exchanged, finite, json_values, texts, weighted, written
from tests.rig import ERAS, HANDSHAKE_VERSIONS, MODERN, message

Headers: TypeAlias = list[tuple[str, str]]
Event: TypeAlias = dict[str, Any]


@dataclass
class Message:
    """One request before it is put into an event."""

    headers: Headers
    body: str | bytes | None
    method: str = "POST"
    path: str = "/mcp"
    front_door: Callable[..., Event] = http_api
    several: dict[str, list[str]] = field(default_factory=dict)
    """Headers with more than one value, as a REST API passes them on."""
    mislabelled: bool = False
    """Whether isBase64Encoded says the contrary."""

    def event(self, token: str, states: tuple[str, ...]) -> Event:
        headers = {"authorization": f"Bearer {token}", **dict(self.headers)}
        body = self.body
        for place, state in zip(STATES, states, strict=True):
            if body is not None:
                body = body.replace(place, state) if isinstance(body, str) else body.replace(*_bytes(place, state))
        more = {"several": self.several} if self.front_door is rest_api else {}
        event = self.front_door(self.method, self.path, headers, body, **more)
        return {**event, "isBase64Encoded": event["isBase64Encoded"] != self.mislabelled}


def _bytes(*words: str) -> tuple[bytes, bytes]:
    one, other = (word.encode() for word in words)
    return one, other


@st.composite
def requests(draw: st.DrawFn) -> tuple[Headers, Json]:
    """A valid request or notification, of which up to three parts are then something else."""
    version = draw(st.sampled_from(ERAS))
    method, params = draw(st.sampled_from([*CALLS, *REFUSED, *BEGINNINGS[version]]))
    headers, body = message(method, deepcopy(params), version)
    if version != MODERN and draw(st.booleans()):
        del headers["mcp-protocol-version"]
    elif other := draw(st.sampled_from([""] * 7 + ["2027-01-01", f"2027-01-01-{MARK}", *HANDSHAKE_VERSIONS])):
        headers, body = json.loads(json.dumps([headers, body]).replace(version, other))
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2, 2, 3]))):
        body = draw(exchanged(body))
    return list(headers.items()), body


_NAMES = [
    *("mcp-protocol-version", "mcp-method", "mcp-name", "mcp-param-region", "mcp-param-x", "mcp-session-id"),
    *("accept", "content-type", "content-length", "content-encoding", "transfer-encoding", "expect", "connection"),
    *("host", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "cookie", "origin"),
    *("last-event-id", "traceparent", "tracestate", "baggage", "x-http-method-override", "authorization"),
]
header_values = st.one_of(
    texts,
    st.sampled_from(["application/json", "text/event-stream", "*/*", "text/plain", "gzip", "chunked", "0", "-1"]),
    st.sampled_from(["9" * 30, "=?base64?aW50cm9kdWNlcw==?=", "=?base64?!?=", f"=?base64?{MARK}?=", "a" * 9000]),
    st.sampled_from(["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tools/list, tools/call"]),
)
header_names = st.sampled_from([*_NAMES * 2, "Mcp-Method", "MCP-NAME"]) | texts


@st.composite
def near_messages(draw: st.DrawFn) -> Message:
    """Well-formed JSON, sent as a client sends it."""
    headers, body = draw(requests())
    text = json.dumps(finite(body), ensure_ascii=draw(st.booleans()))
    return Message(headers, text if draw(st.booleans()) else encoded(text))


@st.composite
def odd_messages(draw: st.DrawFn) -> Message:
    """The same with other headers, on other ways."""
    near = draw(near_messages())
    hostile = draw(st.lists(st.tuples(header_names, header_values), min_size=1, max_size=3))
    return replace(
        near,
        headers=[*near.headers, *hostile],
        method=draw(weighted(POST=12, GET=1, DELETE=1, PUT=1, OPTIONS=1, HEAD=1, PROPFIND=1)),
        path=draw(st.sampled_from(["/mcp", "/mcp/"])),
        front_door=draw(st.sampled_from([http_api, rest_api, load_balancer])),
        several=draw(st.dictionaries(st.sampled_from(_NAMES), st.lists(header_values, max_size=3), max_size=1)),
    )


@st.composite
def broken_messages(draw: st.DrawFn) -> Message:
    """A body that is any JSON, hardly any, or none."""
    headers, near = draw(requests())
    body = draw(st.one_of(written(near), json_values.map(json.dumps), st.binary(max_size=40), st.none()))
    return Message(headers, body, mislabelled=draw(st.sampled_from([False] * 9 + [True])))
