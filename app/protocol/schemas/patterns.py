"""Check whether JavaScript can read a pattern, because many clients compile schemas with ajv.

JSON Schema takes its patterns from ECMA-262 (2020-12, core 6.4). This module checks the grammar of ECMA-262
section 22.2.1 with the `u` flag, which ajv sets. The tests compare its results with those of Node.
"""

import re
from typing import Any, NoReturn

_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_SETS = frozenset("dDsSwW")
_CONTROLS = {"f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_QUANTIFIER = re.compile(r"[*+?]|\{(\d+)(?:(,)(\d*))?\}")
_GROUP = re.compile(r"\((?:\?(?::|=|!|<=|<!|<((?:[^\W\d]|\$)[\w$]*)>))?")
_ESCAPES = re.compile(
    r"c[A-Za-z]|0(?!\d)|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{0*(?:10|[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\}"
)
_PROPERTY = re.compile(r"[pP]\{([^{}]*)\}")
_SCRIPT = re.compile(r"(?:Script|sc|Script_Extensions|scx)=([A-Z][a-z]+(?:_[A-Z][a-z]+)*|SignWriting)")


def _split_names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CATEGORIES = _split_names("""
    C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp
    Zs Cased_Letter Close_Punctuation Combining_Mark Connector_Punctuation Control Currency_Symbol
    Dash_Punctuation Decimal_Number Enclosing_Mark Final_Punctuation Format Initial_Punctuation Letter
    Letter_Number Line_Separator Lowercase_Letter Mark Math_Symbol Modifier_Letter Modifier_Symbol
    Nonspacing_Mark Number Open_Punctuation Other Other_Letter Other_Number Other_Punctuation Other_Symbol
    Paragraph_Separator Private_Use Punctuation Separator Space_Separator Spacing_Mark Surrogate Symbol
    Titlecase_Letter Unassigned Uppercase_Letter cntrl digit punct
""")
_BINARY = _split_names("""
    ASCII AHex ASCII_Hex_Digit Alpha Alphabetic Any Assigned Bidi_C Bidi_Control Bidi_M Bidi_Mirrored CI
    Case_Ignorable Cased CWCF CWCM CWKCF CWL CWT CWU Changes_When_Casefolded Changes_When_Casemapped
    Changes_When_Lowercased Changes_When_NFKC_Casefolded Changes_When_Titlecased Changes_When_Uppercased DI
    Dash Default_Ignorable_Code_Point Dep Deprecated Dia Diacritic EBase EComp EMod EPres Emoji
    Emoji_Component Emoji_Modifier Emoji_Modifier_Base Emoji_Presentation Ext ExtPict Extended_Pictographic
    Extender Gr_Base Gr_Ext Grapheme_Base Grapheme_Extend Hex Hex_Digit IDC IDS IDSB IDST
    IDS_Binary_Operator IDS_Trinary_Operator ID_Continue ID_Start Ideo Ideographic Join_C Join_Control LOE
    Logical_Order_Exception Lower Lowercase Math NChar Noncharacter_Code_Point Pat_Syn Pat_WS Pattern_Syntax
    Pattern_White_Space QMark Quotation_Mark RI Radical Regional_Indicator SD STerm Sentence_Terminal
    Soft_Dotted Term Terminal_Punctuation UIdeo Unified_Ideograph Upper Uppercase VS Variation_Selector
    White_Space XIDC XIDS XID_Continue XID_Start space
""")


class UnreadablePattern(Exception):
    """JavaScript cannot read the pattern. The message names the part that it cannot read."""


def check_pattern(pattern: str) -> None:
    """Return if JavaScript can read the pattern.

    Raises: UnreadablePattern, if it cannot.
    """
    _Reader(pattern).read()


class _Reader:
    """Reads a pattern from left to right, without recursion, so that deep nesting cannot exhaust the stack."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._can_repeat = False
        self._open: list[bool] = []
        """For each open group, whether a quantifier may follow it. None may follow a lookaround."""
        self._groups = 0
        self._names: set[str] = set()
        self._references: list[str] = []

    def read(self) -> None:
        while self._at < len(self._text):
            self._term(self._text[self._at])
        if self._open:
            self._refuse("a group that is not closed")
        for each in self._references:
            if each not in self._names and not (each.isdigit() and int(each) <= self._groups):
                self._refuse(f"\\{each}, a reference to no group")

    def _term(self, char: str) -> None:
        if char == "\\":
            self._escape()
        elif char == "(":
            self._begin()
        elif char == "[":
            self._take_class()
            self._can_repeat = True
        elif quantifier := _QUANTIFIER.match(self._text, self._at):
            self._repeat(quantifier)
        elif char in "{}]":
            self._refuse(f"a bare {char}")
        elif char == ")":
            if not self._open:
                self._refuse("a bare )")
            self._can_repeat = self._open.pop()
            self._at += 1
        else:
            self._can_repeat = char not in "^$|"
            self._at += 1

    def _begin(self) -> None:
        group: Any = _GROUP.match(self._text, self._at)  # never None: the caller saw a (
        opening, name = group[0], group[1]
        if opening == "(" and self._text.startswith("?", self._at + 1):
            self._refuse(_quote_part(self._text, self._at))
        if name in self._names:
            self._refuse(f"two groups that are named {name}")
        if name:
            self._names.add(name)
        self._groups += opening == "(" or bool(name)
        self._open.append(opening in ("(", "(?:") or bool(name))
        self._can_repeat = False
        self._at = group.end()

    def _repeat(self, quantifier: re.Match[str]) -> None:
        if not self._can_repeat:
            possessive = self._at and self._text[self._at] == "+" and self._text[self._at - 1] in "*+?}"
            self._refuse(f"{quantifier[0]} behind {'a quantifier' if possessive else 'nothing to repeat'}")
        least, _, most = quantifier.groups()
        if most and int(most) < int(least):
            self._refuse(quantifier[0])
        self._at = quantifier.end()
        if self._text.startswith("?", self._at):
            self._at += 1
        self._can_repeat = False

    def _escape(self) -> None:
        char = self._text[self._at + 1 : self._at + 2]
        if char in ("b", "B"):
            self._can_repeat = False
            self._at += 2
            return
        self._can_repeat = True
        if found := re.compile(r"\\(?:([1-9]\d*)|k<([^>]*)>)").match(self._text, self._at):
            self._references.append(found[1] or found[2])
            self._at = found.end()
        else:
            self._take_escape()

    def _take_class(self) -> None:
        begin = self._at
        self._at += 2 if self._text.startswith("[^", begin) else 1
        while not self._text.startswith("]", self._at):
            low = self._take_class_part(begin)
            if self._text.startswith("-", self._at) and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
                self._at += 1
                high = self._take_class_part(begin)
                if low is None or high is None or low > high:
                    self._refuse(f"a range with wrong ends in {self._text[begin : self._at]}")
        self._at += 1

    def _take_class_part(self, begin: int) -> str | None:
        """Read one part of a class. Returns its character, or None if it is a set such as \\d."""
        if self._at >= len(self._text):
            self._refuse(f"a [ that is not closed in {self._text[begin:]}")
        if self._text[self._at] != "\\":
            self._at += 1
            return self._text[self._at - 1]
        if self._text[self._at + 1 : self._at + 2] in ("b", "-"):
            self._at += 2
            return "\b" if self._text[self._at - 1] == "b" else "-"
        return self._take_escape()

    def _take_escape(self) -> str | None:
        """Read an escape. Returns the character that it stands for, or None if it is a set such as \\d."""
        at = self._at + 1
        char = self._text[at : at + 1]
        if found := _ESCAPES.match(self._text, at):
            self._at = found.end()
            return _character(found[0])
        if char in ("p", "P"):
            found = _PROPERTY.match(self._text, at)
            if found is None or not _is_property(found[1]):
                self._refuse(_quote_part(self._text, self._at))
            self._at = found.end()
            return None
        if not char or not (char in _SETS or char in _CONTROLS or char in _SYNTAX):
            self._refuse(f"\\{char}")
        self._at = at + 1
        return None if char in _SETS else _CONTROLS.get(char, char)

    def _refuse(self, part: str) -> NoReturn:
        raise UnreadablePattern(part)


def _is_property(name: str) -> bool:
    """Whether JavaScript knows the property. It compares names exactly (ECMA-262 tables 69 to 71, UTS 18)."""
    plain = re.sub(r"^(General_Category|gc)=", "", name)
    return plain in _CATEGORIES or name in _BINARY or _SCRIPT.fullmatch(name) is not None


def _character(escape: str) -> str:
    if escape[0] == "c":
        return chr(ord(escape[1]) % 32)
    return chr(int(escape.strip("xu{}"), 16))


def _quote_part(text: str, at: int) -> str:
    """The part of the pattern that begins at the index `at`, for an error message."""
    found = re.compile(r"\(\?P?[<=>!#(]?[^):<>]*[):<>]?|\\[pP](?:\{[^}]*\}?|.?)").match(text, at)
    return found[0] if found else text[at : at + 8]
