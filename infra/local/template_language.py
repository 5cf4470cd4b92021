"""Parse and render the language of WorkOS's JWT templates: JSON with `{{ path || 'fallback' }}` in it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Context = Mapping[str, object]
_PIECE = re.compile(r'\{\{(?P<expression>.*?)\}\}|\\.|"|\{|[^"\\{]+|\\', re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")


class TemplateError(ValueError):
    """WorkOS would refuse the JWT template, or could not render it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression: its value is the first alternative that is not null."""

    alternatives: tuple[str, ...]
    in_string: bool

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(each for each in self.alternatives if each[0] not in "'\"")

    def render(self, context: Context) -> str:
        found = (_value(each, context) for each in self.alternatives)
        value = next((each for each in found if each is not None), None)
        if not self.in_string:
            return json.dumps(value)
        if isinstance(value, dict | list):
            raise TemplateError("a list or an object cannot stand inside a string; take the quotes away")
        return json.dumps(_text(value))[1:-1]


Parts = Sequence[str | Expression]


def parse(content: str) -> Parts:
    """Split the template into texts and expressions.

    Raises:
        TemplateError: if an expression does not end, is empty, or has anything other than paths and quoted text.
    """
    return tuple(_parts(content))


def render(parts: Parts, context: Context) -> dict[str, object]:
    """Render the template to a JSON object.

    Raises:
        TemplateError: if the result is not a JSON object.
    """
    text = "".join(part if isinstance(part, str) else part.render(context) for part in parts)
    try:
        rendered = json.loads(text)
    except (ValueError, RecursionError):
        raise TemplateError("it does not render to JSON") from None
    if not isinstance(rendered, dict) or not rendered:
        raise TemplateError("it does not render to an object with at least one key")
    return rendered


def _parts(content: str) -> Iterator[str | Expression]:
    in_string = False
    for piece in _PIECE.finditer(content):
        expression = piece["expression"]
        if expression is not None:
            yield Expression(_alternatives(expression), in_string)
            continue
        if content.startswith("{{", piece.start()):
            raise TemplateError("an expression has no end: }} is missing")
        in_string ^= piece[0] == '"'
        yield piece[0]


def _alternatives(expression: str) -> tuple[str, ...]:
    alternatives = tuple(each.strip() for each in expression.split("||"))
    if not all(_PATH.fullmatch(each) or _LITERAL.fullmatch(each) for each in alternatives):
        raise TemplateError(f"{expression.strip()[:60]!r} is not made of paths and quoted text with || between")
    return alternatives


def _value(alternative: str, context: Context) -> object:
    if _LITERAL.fullmatch(alternative):
        return alternative[1:-1]
    value: object = context
    for name in alternative.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
