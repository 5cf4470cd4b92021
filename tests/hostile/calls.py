"""What a client of each era may ask of tests/catalogues/hostile: where hostile requests begin."""

from typing import Any, TypeAlias

from tests.rig import ERAS, HANDSHAKE_VERSIONS, MODERN

Json: TypeAlias = Any
MARK = "hostile-4c1f9e07"
"""In most texts of a hostile client: an answer or a log line that has it repeats the caller's own words."""
STATES = ("@state-of-alice@", "@state-of-bob@")
"""Where a request state stands that was sealed for one of the two callers."""

ARGUMENTS: dict[str, dict[str, Json]] = {
    "typed": {"text": MARK, "number": 1, "ratio": 1.5, "day": "2026-11-25", "tags": [MARK], "table": {MARK: 1}},
    "nested": {"part": {"name": MARK, "parts": [{"name": MARK}]}, "anything": [None, {"a": 1}]},
    "mirrored": {"region": "eu"},
    "notifies": {"steps": 2},
    "confirms": {"target": MARK},
    "asks": {"target": MARK},
    "raises": {"text": MARK, "number": 1},
    "refuses": {},
    "out_of_reach": {},
    "checked": {"number": 2},
}
URIS = [
    "fixed://text",
    "file://guarded/a",
    "file://guarde%64/a",
    "fixed://binary",
    "item://1/data",
    f"file://a/{MARK}",
    "query://all?page=2",
]
_COMPLETED: list[dict[str, Json]] = [
    {"ref": {"type": "ref/prompt", "name": "introduces"}, "argument": {"name": "name", "value": MARK}},
    {"ref": {"type": "ref/resource", "uri": "item://{number}/data"}, "argument": {"name": "number", "value": "1"}},
]
_ACCEPTED = {"sure": {"action": "accept", "content": {"sure": True}}}
CALLS: list[tuple[str, dict[str, Json]]] = [
    *[("tools/call", {"name": name, "arguments": given}) for name, given in ARGUMENTS.items()],
    ("tools/call", {"name": "notifies", "arguments": {}, "_meta": {"progressToken": "token"}}),
    *[
        ("tools/call", {"name": "confirms", "arguments": {"target": MARK}, "requestState": state, **answered})
        for state in STATES
        for answered in ({"inputResponses": _ACCEPTED}, {})
    ],
    *[(method, {}) for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list")],
    ("prompts/get", {"name": "introduces", "arguments": {"name": MARK, "times": "2"}}),
    ("prompts/get", {"name": "raises", "arguments": {"name": MARK}}),
    *[("resources/read", {"uri": uri}) for uri in [*URIS, "raises://it"]],
    *[("completion/complete", asked) for asked in _COMPLETED],
    ("tools/list", {"cursor": "0123456789abcdef.1"}),
]
REFUSED: list[tuple[str, dict[str, Json]]] = [
    *[
        ("tools/call", {"name": "asks", "arguments": {}, **state, "inputResponses": {"1": given, "ask-1": given}})
        for state in ({}, {"requestState": STATES[0]})
        for given in (
            {"action": "accept", "content": {"name": MARK, "number": 2, "sizes": ["small"], "really": True}},
            {"action": "accept", "content": {"name": None, "number": -1, "sizes": MARK}},
            {"action": "decline"},
        )
    ],
    *[
        ("resources/read", {"uri": uri})
        for uri in ("file://guarded/a", "file://guarde%64/a", "file://guarde%2564/a")
    ],
]
"""What is well-formed and yet refused: guarded, or answers to questions that were never put."""
BEGINNINGS: dict[str, list[tuple[str, dict[str, Json]]]] = {
    MODERN: [("server/discover", {}), ("subscriptions/listen", {"notifications": {}})],
    ERAS[0]: [
        (
            "initialize",
            {"protocolVersion": ERAS[0], "capabilities": {}, "clientInfo": {"name": MARK, "version": "1"}},
        ),
        ("ping", {}),
        ("logging/setLevel", {"level": "debug"}),
        ("notifications/cancelled", {"requestId": 1}),
    ],
}
"""What only one era has."""
WORDS = [
    *dict.fromkeys(method for method, _ in [*CALLS, *BEGINNINGS[MODERN], *BEGINNINGS[ERAS[0]]]),
    *ARGUMENTS,
    *URIS,
    *STATES,
    *HANDSHAKE_VERSIONS,
    *(MODERN, "2027-01-01", "introduces", "2.0", "progressToken", "io.modelcontextprotocol/clientCapabilities"),
]
