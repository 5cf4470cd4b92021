"""Test your tools as a caller meets them: `async with client(as_user(permissions={"reports:write"})) as caller`.

For tests alone: the function never imports this folder, and an artefact does not have it. What answers the calls
is provided from outside of app/, for pytest by tests/conftest.py (docs/testing.md).
"""

from app.authoring.ask import CANNOT, Cancelled, Declined
from app.authoring.session import make_session
from app.authoring.testing.caller import BlockingCaller, Caller, CallFailed, NoAnswerPrepared
from app.authoring.testing.clients import (
    Answers,
    CallAs,
    Connect,
    NoProvider,
    Overrides,
    ProtocolVersion,
    Reply,
    client,
    provide,
)
from app.authoring.testing.who import ApiKeyOwner, Machine, Person, Who, as_api_key, as_machine, as_user

__all__ = [
    "CANNOT",
    "Answers",
    "ApiKeyOwner",
    "BlockingCaller",
    "CallAs",
    "CallFailed",
    "Caller",
    "Cancelled",
    "Connect",
    "Declined",
    "Machine",
    "NoAnswerPrepared",
    "NoProvider",
    "Overrides",
    "Person",
    "ProtocolVersion",
    "Reply",
    "Who",
    "as_api_key",
    "as_machine",
    "as_user",
    "client",
    "make_session",
    "provide",
]
