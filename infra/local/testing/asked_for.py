"""What a server asks its test for, so that a name in the test that matches nothing is an error."""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from app.authoring import secret

Name = TypeVar("Name")
Value = TypeVar("Value")


class AskedFor(Mapping[Name, Value]):
    """A mapping that remembers which names were looked up in it."""

    def __init__(self, values: Mapping[Name, Value]) -> None:
        self._values = values
        self.names: set[Name] = set()

    def __getitem__(self, name: Name) -> Value:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def require_settings(given: Collection[str], read: Collection[str], dependencies: Collection[object]) -> None:
    """Check the names of settings: the server has read them, or a parameter takes the secret of that name.

    Raises:
        ValueError: one matches nothing; the message lists what there is.
    """
    for name in given:
        if name not in read and not _takes_secret(name, dependencies):
            raise ValueError(
                f"this server has no setting {name}; it has {', '.join(sorted(read))}. If it is a secret, no "
                f"parameter takes secret({name!r}): monkeypatch.setenv({name!r}, ...) gives it to get_secret"
            )


def _takes_secret(name: str, dependencies: Collection[object]) -> bool:
    try:
        return secret(name) in dependencies
    except ValueError:  # no name of a secret
        return False


def require_dependencies(given: Collection[object], dependencies: Collection[object]) -> None:
    """Check that something of the server depends on each.

    Raises:
        ValueError: one matches nothing; the message lists what there is.
    """
    for each in given:
        if each not in dependencies:
            known = sorted({_name(dependency) for dependency in dependencies})
            raise ValueError(
                f"no tool, prompt or resource of this server depends on {_name(each)}; they depend on "
                f"{', '.join(known) or 'nothing'}"
            )


def _name(function: object) -> str:
    return str(getattr(function, "__name__", None) or repr(function))
