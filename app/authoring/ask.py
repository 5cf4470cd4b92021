"""Ask the user during a call: `ask: CurrentAsk`. With the answer, the function runs again from its start."""

import json
from collections.abc import Awaitable, Callable, Generator
from enum import Enum
from functools import partial
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Depends
from pydantic import BaseModel

from app.auth.urls import check_https_url
from app.authoring.errors import ToolError
from app.authoring.form import build_form
from app.current import Slot, on_loop

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


_NOTHING = object()


class Declined(ToolError):
    """The user said no. If the function does not catch it, its text is the result."""


class Cancelled(ToolError):
    """The user closed the question without an answer. You may ask again another time."""


class Cannot(Enum):
    """The type of CANNOT."""

    CANNOT = "a client that cannot ask its user"


CANNOT = Cannot.CANNOT
"""In a test, `Ask(CANNOT)` is a client that cannot ask its user."""


class Answer(Generic[T]):
    """`await` it for the user's answer."""

    def __init__(self, resolve: Callable[[], T]) -> None:
        self._resolve = resolve
        # The server tells an author who forgot the await.
        self.is_awaited = False

    def __getattr__(self, name: str) -> Any:
        """Raises: AttributeError, which says what is missing."""
        raise AttributeError(f"the question is not answered yet, so it has no {name!r}: write `await ask(...)`")

    def __await__(self) -> Generator[Any, Any, T]:
        self.is_awaited = True
        return self._read().__await__()

    async def _read(self) -> T:
        return self._resolve()


class Ask:
    """Questions to the user. Each ends this round trip; the next one starts at the function's first line.

    In tests, pass `Ask(...)` with the answers in the order of the questions. It raises those that are exceptions.
    `Ask(CANNOT)` gives the `otherwise` of each question, and so does `Ask()` for questions that have one.
    """

    def __init__(self, *answers: BaseModel | Exception | Cannot) -> None:
        self._cannot = CANNOT in answers
        self._has_answers = bool(answers)
        self._answers = list(answers)

    def __call__(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        """Ask a question; `await` gives the answer. Questions before the first await go out together.

        Never ask for a secret: the client sees every answer. For secrets there is `visit`.

        Args:
            question: The text that the user reads.
            answer: A model whose fields are the form: texts, numbers, booleans, dates, choices.
            otherwise: For a client that cannot ask: the answer to use, or the exception to raise. Without it, the
                result tells such a client what it lacks.

        Raises:
            Declined, Cancelled: by `await`.
            TypeError: a form cannot show the model.
        """
        build_form(answer)  # so that a test fails for a model that no client can show
        if self._cannot or (otherwise is not None and not self._has_answers):
            return Answer(partial(_read_otherwise, otherwise, question))
        given = self._answers.pop(0) if self._answers else None
        return Answer(partial(_read, given, question, answer))

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        """Send the user to a page of yours, for things that neither the client nor the model may see.

        `await` returns when the user agrees to go there. It does not say that they have finished there.

        Args:
            url: An https address without a secret or a person's data. The page must ask for a login itself.
            why: The text that the user reads before they go.
            otherwise: The exception to raise for a client that cannot open pages.

        Raises:
            Declined, Cancelled: by `await`.
            ValueError: the URL is not https, or has a user name or password in it.
        """
        check_page_url(url)
        return Answer(partial(_read_otherwise, otherwise, why) if self._cannot else lambda: None)

    async def keep(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        """The result of `make`, an async function. Later round trips get the same result and do not call it again.

        The result travels sealed with the client, so keep small things, such as an id.

        Raises:
            TypeError: JSON would change the result.
        """
        return copy_through_json(name, await make())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse a plain `ask: Ask`, which would be an argument that the client fills."""
        raise TypeError("an Ask comes from the server alone; take it as ask: CurrentAsk")


def _read_otherwise(otherwise: T | Exception | None, question: str) -> T:
    if otherwise is None:
        raise ToolError(
            f"{question!r} has to be asked, and this client cannot ask: the question has no `otherwise`"
        )
    if isinstance(otherwise, Exception):
        raise otherwise
    return otherwise


def _read(given: BaseModel | Exception | Cannot | None, question: str, answer: type[Model]) -> Model:
    if isinstance(given, Exception):
        raise given
    if not isinstance(given, answer):
        raise TypeError(f"{question!r} wants {answer.__name__}; Ask(...) has {given!r} for it")
    return given


def check_page_url(url: str) -> str:
    """The URL as it is sent.

    Raises:
        ValueError: it is not https, or has a user name or password in it.
    """
    try:
        return check_https_url(url)
    except ValueError as error:
        raise ValueError(f"the URL of ask.visit {error}") from None


def copy_through_json(name: str, value: T) -> T:
    """The value as the next round trip will read it from JSON.

    Raises:
        TypeError: JSON would change it.
    """
    try:
        copied = json.loads(json.dumps(value))
    except (TypeError, ValueError):  # json has no form for it, or it contains itself
        copied = _NOTHING
    if copied is _NOTHING or copied != value:
        raise TypeError(
            f"{name} cannot be kept: keep texts, numbers, truth values, None, lists and dicts of them; of a model "
            'keep model.model_dump(mode="json")'
        )
    return cast("T", copied)


class NoCallToAsk(RuntimeError):
    """`get_ask()` was called outside a call."""


current_ask: Slot[Ask] = Slot("ask")


@on_loop
def get_ask() -> Ask:
    """Questions to the user of the current call.

    Raises:
        NoCallToAsk: outside a call.
    """
    try:
        return current_ask.get()
    except LookupError:
        raise NoCallToAsk(
            "get_ask() needs a call: take it as a parameter (`ask: CurrentAsk`) and pass Ask(answer) in your test"
        ) from None


CurrentAsk = Annotated[Ask, Depends(get_ask)]
"""Type a parameter with it: the server passes the `Ask` in, and the parameter is not in the schema."""
