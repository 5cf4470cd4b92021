"""Ask the user in the middle of a call: `ask: CurrentAsk`. It is run again, from its start, with the answer."""

from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends
from pydantic import BaseModel

from app.authoring.form import form_of
from app.authoring.kept import same_as_json
from app.authoring.page import page_url
from app.authoring.tool import ToolError
from app.current import Slot

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


class Declined(ToolError):
    """The user said no. Who does not catch it tells the caller so."""


class Cancelled(ToolError):
    """The user closed the question without an answer, and may be asked again another time."""


class Answer(Generic[T]):
    """What `await` turns into the user's answer."""

    def __init__(self, resolve: Callable[[], T]) -> None:
        self._resolve = resolve
        self.is_awaited = False

    def __await__(self) -> Generator[Any, Any, T]:
        self.is_awaited = True
        return self._now().__await__()

    async def _now(self) -> T:
        return self._resolve()


class Ask:
    """Questions to the user. Each one ends this round trip; the next one begins at the function's first line.

    A plain `Ask(...)` is for tests: it gives the answers that it was given, in the order of the questions.
    Those that are exceptions it raises.
    """

    def __init__(self, *answers: BaseModel | Exception) -> None:
        self._answers = list(answers)

    def __call__(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        """Put a question; `await` gives the answer. Several that are put before the first await go out together.

        Never ask for a secret: what is answered here passes through the client. See `visit`.

        Args:
            question: What the user reads.
            answer: A model whose fields are the form: texts, numbers, truth values, dates, choices.
            otherwise: The answer for a client that cannot ask, or what to raise there. Without it, such a client
                is told what it lacks.

        Raises:
            Declined, Cancelled: by `await`.
            TypeError: the model is more than a form can hold.
        """
        form_of(answer)  # so that a test finds what no client could show
        given = self._answers.pop(0) if self._answers else None
        return Answer(partial(_read, given, question, answer))

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        """Send the user to a page of yours, for what neither client nor model may see.

        `await` returns once they agreed to go there, which does not say that they are done.

        Args:
            url: https, without a secret or a person in it, and open to nobody but who is logged in there.
            why: What the user reads before they go.
            otherwise: What to raise for a client that cannot send its user anywhere.

        Raises:
            Declined, Cancelled: by `await`.
            ValueError: the URL is none to send anybody to.
        """
        page_url(url)
        return Answer(lambda: None)

    async def keep(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        """What `make`, an async function, gave the first time; later round trips get the same and do not call it.

        It travels with the client, sealed: small things, such as an id.

        Raises:
            TypeError: it is not the same after a round through JSON.
        """
        return same_as_json(name, await make())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """No schema: an argument of this type would be the client's to fill."""
        raise TypeError("an Ask comes from the server alone; take it as ask: CurrentAsk")


def _read(given: BaseModel | Exception | None, question: str, answer: type[Model]) -> Model:
    if isinstance(given, Exception):
        raise given
    if not isinstance(given, answer):
        raise TypeError(f"{question!r} wants {answer.__name__}; Ask(...) has {given!r} for it")
    return given


class NoCallToAsk(RuntimeError):
    """Raised where no call is being served."""


_current: Slot[Ask] = Slot("ask")


def get_ask() -> Ask:
    """How to ask the user of the call that is being served.

    Raises:
        NoCallToAsk: outside a call.
    """
    try:
        return _current.get()
    except LookupError:
        raise NoCallToAsk(
            "get_ask() needs a call: take it as a parameter (`ask: CurrentAsk`) and pass Ask(answer) in your test"
        ) from None


def bind_ask(ask: Ask) -> None:
    """Make it what is asked with for the rest of this request's context."""
    _current.bind(ask)


CurrentAsk = Annotated[Ask, Depends(get_ask)]
"""A parameter of this type receives it and stays out of the schema."""
