"""Rewrite a pattern of Python or Rust so that JavaScript can read it and it accepts the same texts."""

import re
from collections.abc import Callable, Iterator

from app.protocol.schemas.patterns import UnreadablePattern, check_pattern

_TOKEN = re.compile(
    r"\\(?:[pP](?:\{[^}]*\}|.)|x\{[0-9A-Fa-f]+\}|U[0-9A-Fa-f]{8}|0[0-7]{1,2}|.)"
    r"|\(\?P<\w+>|\(\?<[A-Za-z_]\w*>|\(\?P=\w+\)|\(\?#[^)]*\)|\(\?|\("
    r"|\{,\d+\}|\{\d+(?:,\d*)?\}"
    r"|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
    r"|.",
    re.DOTALL,
)
_CLASS_PART = re.compile(r"\[:(\^?)(\w+):\]|[A-Za-z]-[A-Za-z]|\\(?:[pP](?:\{[^}]*\}|.)|.)|.", re.DOTALL)
_POSIX = {
    "alnum": "A-Za-z0-9",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r" \t",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-\/:-@\[-`\{-~",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}
_ESCAPES = {r"\A": "^", r"\Z": "$", r"\z": "$", r"\h": r"[ \t]", r"\a": r"\x07", r"\e": r"\x1B"}
_READABLE = frozenset(r"bBcdDsSwWkxufnrtv0123456789pP^$\.*+?()[]{}|/")
_FLAGS = re.compile(r"\(\?([aiLsux]+)\)")


def find_equivalent(pattern: str) -> str | None:
    """The same pattern in JavaScript's grammar, or None if JavaScript has no simple equivalent."""
    flags = _FLAGS.match(pattern)
    letters = flags[1] if flags else ""
    rest = pattern[flags.end() :] if flags else pattern
    try:
        found = "".join(_Rewriter(letters).rewrite(rest))
        check_pattern(found)
    except UnreadablePattern:
        return None
    return found


class _Rewriter:
    def __init__(self, flags: str) -> None:
        self._flags = flags
        self._groups: list[str] = []
        """The names of the groups so far, in the order of their numbers; "" for a group without a name."""

    def rewrite(self, pattern: str) -> Iterator[str]:
        if "x" in self._flags:
            pattern = re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\s+|#[^\n]*", lambda found: found[1] or "", pattern)
        for token in _TOKEN.findall(pattern):
            yield self._token(token)

    def _token(self, token: str) -> str:
        if token.startswith("(?P<") or token == "(":
            self._groups.append(token[4:-1])
            return "("  # without its name the group accepts the same texts
        if token.startswith("(?<"):
            self._groups.append(token[3:-1])
            return token
        if token.startswith("(?P="):
            name = token[4:-1]
            return f"\\{self._groups.index(name) + 1}" if name in self._groups else token
        if token.startswith("(?#"):
            return ""
        rewrites: tuple[tuple[bool, Callable[[str], str]], ...] = (
            (token.startswith("{,"), lambda each: "{0" + each[1:]),
            (len(token) > 1 and token[0] == "[", self._class),
            (len(token) > 1 and token[0] == "\\", _escape),
            (token in "{}]", lambda each: "\\" + each),
            (token == "." and "s" in self._flags, lambda each: r"[\s\S]"),
            (len(token) == 1 and token.isalpha() and "i" in self._flags, _both_cases),
        )
        return next((rewrite(token) for applies, rewrite in rewrites if applies), token)

    def _class(self, token: str) -> str:
        begin = "[^" if token.startswith("[^") else "["
        inside = token[len(begin) : -1]
        if "&&" in inside or re.sub(r"\\.|\[:\^?\w+:\]", "", inside).count("["):
            raise UnreadablePattern("a class inside a class")  # Rust allows it, JavaScript with `u` does not
        literal = "\\]" if inside.startswith("]") else ""
        return begin + literal + "".join(self._class_parts(inside.removeprefix("]"))) + "]"

    def _class_parts(self, inside: str) -> Iterator[str]:
        for found in _CLASS_PART.finditer(inside):
            part = found[0]
            if found[2]:
                # JavaScript cannot have a negated class, such as [:^alpha:], inside a class. The added `]` makes
                # the result unreadable, so find_equivalent() returns None.
                yield _POSIX.get(found[2], part) if not found[1] else part + "]"
            elif part[0] == "\\":
                yield part if part == r"\-" else _escape(part)
            elif "i" in self._flags and part[0].isalpha():
                if not part.isascii():
                    raise UnreadablePattern("letters whose other case is not the next one")
                yield "".join(dict.fromkeys([part, part.lower(), part.upper()]))
            else:
                yield part


def _escape(token: str) -> str:
    if token in _ESCAPES:
        return _ESCAPES[token]
    kind, rest = token[1], token[2:].strip("{}")
    if kind in "pP":
        return _property(kind, rest)
    if kind == "U" or (kind == "x" and token[2:3] == "{"):
        return f"\\u{{{rest.lstrip('0') or '0'}}}"
    if kind == "0" and rest:
        return f"\\x{int(rest, 8):02X}"
    # JavaScript with `u` refuses a backslash that changes nothing, so drop it.
    return token if kind in _READABLE or kind.isalnum() else kind


def _property(kind: str, name: str) -> str:
    for known in (name, name.title(), f"Script={name}", f"Script={name.title()}"):
        written = f"\\{kind}{{{known}}}"
        try:
            check_pattern(written)
        except UnreadablePattern:
            continue
        return written
    return f"\\{kind}{{{name}}}"


def _both_cases(letter: str) -> str:
    cases = dict.fromkeys([letter.upper(), letter.lower()])
    if any(len(case) > 1 for case in cases):
        raise UnreadablePattern("a letter whose other case is two letters")
    return f"[{''.join(cases)}]" if len(cases) > 1 else letter
