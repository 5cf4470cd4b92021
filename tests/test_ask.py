"""Asking as an author tests it: a tool is a function, and `Ask(...)` has the answers."""

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from app.authoring import CANNOT, Ask, Declined, NoCallToAsk, ToolError, get_ask
from tests.catalogues.asking.questions import (
    Confirmation,
    Name,
    astray,
    both,
    connect,
    connect_or_say,
    firm,
    lenient,
    order,
    purge,
)


def test_a_tool_gets_the_answers_in_their_order() -> None:
    ask = Ask(Name(name="Ada"), Confirmation(really=True))

    assert asyncio.run(both(ask)) == "Ada True"


def test_a_tool_is_declined() -> None:
    with pytest.raises(Declined, match="no"):
        asyncio.run(purge("file", Ask(Declined("no"))))


@pytest.mark.parametrize(("answers", "has"), [((), "None"), ((Confirmation(really=True),), "Confirmation")])
def test_a_missing_or_wrong_answer_is_the_tests_mistake(answers: tuple[BaseModel, ...], has: str) -> None:
    with pytest.raises(TypeError, match=rf"'For whom\?' wants Name; Ask\(...\) has {has}"):
        asyncio.run(order(Ask(*answers)))


def test_the_answers_are_in_the_order_of_the_questions_and_not_of_the_awaits() -> None:
    async def backwards(ask: Ask) -> tuple[bool, str]:
        name, sure = ask("For whom?", Name), ask("Sure?", Confirmation)
        return (await sure).really, (await name).name

    assert asyncio.run(backwards(Ask(Name(name="Ada"), Confirmation(really=True)))) == (True, "Ada")


def test_a_test_finds_the_page_that_no_user_could_be_sent_to() -> None:
    with pytest.raises(ValueError, match=r"the URL of ask\.visit must use https"):
        asyncio.run(astray(Ask()))


def test_everybody_visits_every_page() -> None:
    assert asyncio.run(connect(Ask())).startswith("been at ticket")


@pytest.mark.parametrize("ask", [Ask(), Ask(CANNOT)], ids=["no answers", "cannot"])
def test_where_nobody_can_be_asked_a_question_gives_its_otherwise(ask: Ask) -> None:
    assert asyncio.run(lenient(ask)) == "False"
    with pytest.raises(ToolError, match=r"^Do it in the web application\.$"):
        asyncio.run(firm(ask))


def test_where_nobody_can_be_asked_a_question_without_otherwise_says_what_it_lacks() -> None:
    for tool in (order, connect):
        with pytest.raises(ToolError, match="has to be asked, and this client cannot ask"):
            asyncio.run(tool(Ask(CANNOT)))
    with pytest.raises(ToolError, match=r"Open app\.example\.com"):
        asyncio.run(connect_or_say(Ask(CANNOT)))


def test_one_answer_too_few_is_the_tests_mistake_also_where_there_is_an_otherwise() -> None:
    async def twice(ask: Ask) -> None:
        await ask("For whom?", Name)
        await ask("Sure?", Confirmation, otherwise=Confirmation(really=False))

    with pytest.raises(TypeError, match=r"'Sure\?' wants Confirmation; Ask\(...\) has None"):
        asyncio.run(twice(Ask(Name(name="Ada"))))


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, float("nan")])
def test_only_what_survives_json_is_kept(value: Any) -> None:
    async def make() -> Any:
        return value

    with pytest.raises(TypeError, match="it cannot be kept: keep texts"):
        asyncio.run(Ask().keep("it", make))


@pytest.mark.parametrize("value", [None, "a", 1.5, True, [1, {"a": [None]}]])
def test_what_survives_json_is_kept_as_it_is(value: Any) -> None:
    async def make() -> Any:
        return value

    assert asyncio.run(Ask().keep("it", make)) == value


def test_outside_a_call_nobody_can_be_asked() -> None:
    with pytest.raises(NoCallToAsk, match=r"pass Ask\(answer\) in your test"):
        get_ask()


def test_no_client_can_bring_its_own() -> None:
    with pytest.raises(TypeError, match="take it as ask: CurrentAsk"):
        TypeAdapter(Ask)


def test_an_answer_that_nobody_awaited_says_how_to() -> None:
    answer: Any = Ask(Confirmation(really=True))("Sure?", Confirmation)

    with pytest.raises(AttributeError, match="no 'really': write `await ask"):
        answer.really  # noqa: B018 - the author forgot the await
    assert asyncio.run(first(answer)).really


async def first(answer: Any) -> Any:
    return await answer
