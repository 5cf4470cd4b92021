"""What a caller may not use is not there for them, in lists, calls and completions alike."""

from typing import Any

import pytest

from tests.catalogues import prompts, resources
from tests.log import Log
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

MAY = ["plans:read", "plans:write"]


def get(name: str, **arguments: str) -> tuple[str, dict[str, Any]]:
    return "prompts/get", {"name": name, "arguments": arguments}


def read(uri: str) -> tuple[str, dict[str, Any]]:
    return "resources/read", {"uri": uri}


def complete(argument: str, **ref: str) -> tuple[str, dict[str, Any]]:
    kind = "ref/prompt" if "name" in ref else "ref/resource"
    return "completion/complete", {"ref": {"type": kind, **ref}, "argument": {"name": argument, "value": ""}}


HIDDEN = {
    "a prompt": (get("hidden"), get("nothing")),
    "a resource": (read("plan://hidden"), read("plan://nowhere")),
    "a template": (read("plans://hidden/q3"), read("plan://nowhere/a")),
    "the completion of a prompt": (complete("plan", name="hidden"), complete("plan", name="nothing")),
    "the completion of nothing": (complete("other", name="hidden"), complete("other", name="nothing")),
    "the completion of a template": (
        complete("name", uri="plans://hidden/{name}"),
        complete("name", uri="plans://nowhere/{name}"),
    ),
}


@pytest.fixture
def rig() -> Rig:
    return Rig(prompts=prompts, resources=resources)


def send(
    rig: Rig, called: tuple[str, dict[str, Any]], version: str = MODERN, *, scope: str = "email", may: Any = ()
) -> Answer:
    token = rig.issuer.token(permissions=list(may), scope=scope)
    return rig.exchange(*called, version=version, token=token)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", HIDDEN)
def test_what_is_hidden_answers_exactly_as_what_does_not_exist(kind: str, version: str, rig: Rig) -> None:
    called, unknown = HIDDEN[kind]

    hidden, nothing = send(rig, called, version), send(rig, unknown, version)

    assert (hidden.status, hidden.headers["content-type"]) == (nothing.status, nothing.headers["content-type"])
    assert without_uri(hidden) == without_uri(nothing)
    assert send(rig, called, version, may=MAY).json.keys() == {"jsonrpc", "id", "result"}


def without_uri(answer: Answer) -> Any:
    error = answer.json["error"]
    return {**error, "data": sorted(error.get("data", {}))}


@pytest.mark.parametrize("version", ERAS)
def test_lists_show_what_a_caller_may_use_or_may_know_of(version: str, rig: Rig) -> None:
    def listed(method: str, key: str, may: Any) -> set[str]:
        return {each["name"] for each in send(rig, (method, {}), version, may=may).json["result"][key]}

    kinds = [("prompts/list", "prompts"), ("resources/list", "resources")]
    for method, key in kinds:
        assert listed(method, key, MAY) - listed(method, key, ()) == {"hidden"}
        assert listed(method, key, ()) >= {"open_about_it", "scoped"}
    templates = ("resources/templates/list", "resourceTemplates")
    assert listed(*templates, MAY) - listed(*templates, ()) == {"hidden_template"}


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 400)])
@pytest.mark.parametrize(
    "called", [get("open_about_it"), read("plan://open"), complete("plan", name="open_about_it")], ids=str
)
def test_what_is_discoverable_says_what_is_missing(called: Any, version: str, status: int, rig: Rig) -> None:
    answer = send(rig, called, version)

    assert (answer.status, answer.json["error"]["code"]) == (status, -32602)
    assert "plans:" in answer.json["error"]["message"]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("called", "scope"),
    [
        (get("scoped"), "plans:write"),
        (read("plan://scoped"), "plans:read"),
        (complete("plan", name="scoped"), "plans:write"),
    ],
    ids=str,
)
def test_a_missing_scope_sends_the_client_to_its_user(called: Any, scope: str, version: str, rig: Rig) -> None:
    answer = send(rig, called, version)

    assert (answer.status, answer.json["error"], answer.json["scope"]) == (403, "insufficient_scope", scope)
    assert send(rig, called, version, scope=f"email {scope}").status == 200


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("granted", "denied"),
    [(get("checked", number="2"), get("checked", number="3")), (read("checked://2"), read("checked://3"))],
    ids=["a prompt", "a template"],
)
def test_what_depends_on_the_arguments_is_asked_once_they_are_known(
    granted: Any, denied: Any, version: str, rig: Rig
) -> None:
    assert "result" in send(rig, granted, version).json
    assert "an even number" in send(rig, denied, version).json["error"]["message"]


def test_arguments_that_do_not_fit_are_told_before_anything_is_decided_on_them(rig: Rig) -> None:
    message = send(rig, read("checked://x")).json["error"]["message"]

    assert message.startswith("The URI does not fit")


def test_a_template_that_is_hidden_is_not_answered_for_by_a_wider_one(rig: Rig) -> None:
    assert "error" in send(rig, read("plans://hidden/q3")).json
    assert "result" in send(rig, read("plans://shared/q3")).json


def test_a_denial_is_recorded_by_name_and_reason(rig: Rig, log: Log) -> None:
    send(rig, read("plans://hidden/q3"))

    (line,) = log("exchange")
    assert (line["resource"], line["outcome"], line["reason"]) == (
        "hidden_template",
        "denied",
        "missing_permission",
    )
