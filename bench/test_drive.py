"""The driver and what runs it, over servers of a few lines: the measuring is held against what is known."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench import warm
from bench.recipes import RECIPES
from bench.running import NoFigure, Running
from bench.subject import ERAS, LEGACY, MODERN, Subject
from bench.tokens import KIB, Tokens
from bench.work import TEXT, Work
from tests.blocks import ROOT
from tests.issuer import Issuer
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer

GOOD = """
    import json

    def handler(event, context):
        message = json.loads(event["body"])
        text = message["params"]["arguments"]["text"]
        body = {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text}]}}
        print("what a server says is not an answer", context.aws_request_id)
        return {"statusCode": 200, "body": json.dumps(body)}
"""
CALL = Work("a call", LEGACY, "tools/call")
Serve = Callable[[str], Subject]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """A subject of one module with this source."""

    def write(source: str) -> Subject:
        (tmp_path / "function.py").write_text(textwrap.dedent(source))
        return Subject("floor", "A few lines", Path(sys.executable), tmp_path, "function", tuple(ERAS))

    return write


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as served:
        yield served


def test_each_event_is_timed_and_each_different_answer_is_told_once(serve: Serve) -> None:
    with Running(serve(GOOD), "https://issuer.example") as process:
        timed = process.call(CALL.events(Tokens(Issuer()), 3))

        CALL.check(process.subject, timed.answers)
        assert (len(timed.wall), len(timed.cpu)) == (3, 3)
        assert [answer.count for answer in timed.answers] == [3]
        assert process.look()["peak"] > 1_000_000


def test_time_in_which_a_server_waits_is_wall_and_not_cpu(serve: Serve) -> None:
    waiting = (
        "from time import sleep\n\ndef handler(event, context):\n    sleep(0.05)\n    return {'statusCode': 200}"
    )

    with Running(serve(waiting), "https://issuer.example") as process:
        timed = process.call(["{}"])

    assert timed.wall[0] >= 0.05
    assert timed.cpu[0] < 0.04


def test_the_server_has_nothing_of_this_process(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    telling = """
        import json, os, sys

        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps([sorted(os.environ), sys.path[0]])}
    """

    with Running(serve(telling), "https://issuer.example") as process:
        names, first = json.loads(process.call(["{}"]).answers[0].body)

    assert "HTTPS_PROXY" not in names
    assert first == str(process.subject.folder)


def test_a_server_that_ends_is_told_with_what_it_said(serve: Serve) -> None:
    with (
        pytest.raises(NoFigure, match=r"floor ended at start: (?s:.*)no such luck"),
        Running(serve("raise RuntimeError('no such luck')"), "https://issuer.example"),
    ):
        pass


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD.replace("200", "500"),
        GOOD.replace('"text": text', '"text": text.upper()'),
        GOOD.replace('"content":', '"isError": True, "content":'),
    ],
)
def test_a_wrong_answer_is_no_figure(serve: Serve, issuer: LoopbackIssuer, wrong: str) -> None:
    with ExitStack() as stack, pytest.raises(NoFigure, match="floor, a call"):
        warm.Bench(stack, [serve(wrong)], issuer).run([CALL], (warm.P50,), rounds=1, count=1)


def test_rounds_become_figures_with_a_rate_and_the_memory(serve: Serve, issuer: LoopbackIssuer) -> None:
    with ExitStack() as stack:
        bench = warm.Bench(stack, [serve(GOOD)], issuer)
        bench.run([CALL], (warm.P50, warm.P99, warm.CPU), rounds=2, count=5)
        bench.look()

    found = {figure.table: figure for figure in bench.figures()}
    assert set(found) == {warm.P50, warm.P99, warm.CPU, warm.RATE, warm.AFTER}
    assert 0 < found[warm.P50].median <= found[warm.P99].most
    assert found[warm.RATE].unit == "/s"


@pytest.mark.parametrize("key", ["floor", "sdk"])
def test_what_is_measured_answers_calls_of_both_eras_and_refuses_bad_tokens(
    key: str, issuer: LoopbackIssuer
) -> None:
    """Out of this environment, which has what the two import; the others need their packages."""
    module = f"bench.subjects.{RECIPES[key].module}"
    subject = Subject(key, key, Path(sys.executable), ROOT, module, tuple(ERAS))

    with ExitStack() as stack:
        bench = warm.Bench(stack, [subject], issuer)
        bench.run([*warm.calls(), *warm.refusals()], (warm.P50,), rounds=1, count=2)
        bench.look()

    (fetches,) = [figure.median for figure in bench.figures() if figure.what == "JWKS fetches"]
    assert fetches == 1


def test_a_new_token_is_another_each_time_and_a_repeated_one_is_not(serve: Serve) -> None:
    tokens = Tokens(Issuer())

    new = [json.loads(event)["headers"]["authorization"] for event in CALL.events(tokens, 20)]

    assert len(set(new)) == 20
    assert json.loads(CALL.events(tokens, 1)[0])["headers"]["authorization"] not in new


@pytest.mark.parametrize("size", warm.TOKEN_SIZES)
def test_a_token_has_the_size_that_is_asked_for(size: int) -> None:
    (token,) = Tokens(Issuer()).new(1, size=size * KIB)

    assert 0 <= size * KIB - len(token) < 4


def test_the_floor_knows_no_list_and_no_subject_is_asked_in_an_era_that_it_does_not_speak(serve: Serve) -> None:
    floor = serve(GOOD)
    older = Subject("awslabs", "Older", floor.python, floor.folder, "function", (LEGACY,))

    assert [Work("", LEGACY, "tools/list").suits(subject) for subject in (floor, older)] == [False, True]
    assert [Work("", MODERN, "tools/call").suits(subject) for subject in (floor, older)] == [True, False]
    assert TEXT in CALL.events(Tokens(Issuer()), 1)[0]
