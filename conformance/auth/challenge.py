"""The Bearer challenge of a WWW-Authenticate field, and what is wrong with its form."""

import re
from dataclasses import dataclass, field

# RFC 9110 section 11.2: a scheme, or name=value with a token or a quoted string.
_SCHEME = re.compile(r"[ ,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +|$)(?![ =])")
_PARAMETER = re.compile(r'[ ,]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
# RFC 6750 section 3: what the values may consist of.
_ALLOWED = {
    "scope": re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*"),
    "error": re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+"),
    "error_description": re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+"),
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """The parameters of one Bearer challenge; of a repeated one the first value."""

    parameters: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def error(self) -> str | None:
        return self.parameters.get("error")

    @property
    def resource_metadata(self) -> str:
        return self.parameters.get("resource_metadata", "")

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.parameters.get("scope", "").split())


def bearer_challenge(values: list[str]) -> Challenge | None:
    """The first Bearer challenge of the field's values; None if there is none."""
    for value in values:
        for scheme, rest in _challenges(value):
            if scheme.lower() == "bearer":
                return _read(rest)
    return None


def _challenges(value: str) -> list[tuple[str, str]]:
    """Schemes, each with the text up to the next one."""
    starts, position = [], 0
    while position < len(value):
        if parameter := _PARAMETER.match(value, position):
            position = parameter.end()
        elif scheme := _SCHEME.match(value, position):
            starts.append((scheme[1], scheme.end(), scheme.start()))
            position = scheme.end()
        else:
            break
    ends = [start for _, _, start in starts[1:]] + [len(value)]
    return [(scheme, value[begin:end]) for (scheme, begin, _), end in zip(starts, ends, strict=True)]


def _read(text: str) -> Challenge:
    parameters: dict[str, str] = {}
    faults, position = [], 0
    while match := _PARAMETER.match(text, position):
        position, name = match.end(), match[1].lower()
        quoted = match[2]
        value = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        if name in parameters:
            faults.append(f"{name} is there twice")
        if name in _ALLOWED and not _ALLOWED[name].fullmatch(value):
            faults.append(f"{name} has characters that it must not have")
        parameters.setdefault(name, value)
    if text[position:].strip(" ,"):
        faults.append("it cannot be read to its end")
    return Challenge(parameters, tuple(faults))
