"""The ARN of a durable execution in few bytes: models copy it with the handle, character by character.

AWS Lambda API reference, GetDurableExecution: `<ARN of the function>:<version>/durable-execution/<name>/<id>`. Our
names are 16 random bytes in hexadecimal digits, unless the client has chosen a key, and AWS's ids are UUIDs.
"""

from collections.abc import Iterator
from uuid import UUID

_SEPARATOR = "/durable-execution/"
_DIGITS, _UUID = 254, 255
"""In the place of a length: 16 bytes that are written as 32 hexadecimal digits, or as a UUID."""


class PackedArn:
    """Packs ARNs, those of one function's executions without what its own ARN has."""

    def __init__(self, worker: str) -> None:
        """`worker` is WORKER_FUNCTION: an ARN with a version, or only a name, which says no account or region."""
        self._function = f"{worker.rpartition(':')[0]}:" if worker.startswith("arn:") else None

    def pack(self, arn: str) -> bytes:
        """The ARN in bytes."""
        function, _, execution = arn.partition(_SEPARATOR)
        if self._function is not None:
            function = function.removeprefix(self._function)  # what is left of it is the version
        return b"".join(_pack(part) for part in (function, *execution.split("/")))

    def unpack(self, packed: bytes) -> str:
        """The ARN.

        Raises:
            ValueError: another release has packed it, in another form.
        """
        function, name, id_ = _unpack(packed)
        return f"{function if ':' in function else f'{self._function}{function}'}{_SEPARATOR}{name}/{id_}"


def _pack(part: str) -> bytes:
    try:
        value = UUID(part)
    except ValueError:
        return bytes([len(part)]) + part.encode("ascii")
    if part == value.hex:
        return bytes([_DIGITS]) + value.bytes
    return (bytes([_UUID]) + value.bytes) if part == str(value) else bytes([len(part)]) + part.encode("ascii")


def _unpack(packed: bytes) -> Iterator[str]:
    while packed:
        mark, packed = packed[0], packed[1:]
        length = 16 if mark in (_DIGITS, _UUID) else mark
        content, packed = packed[:length], packed[length:]
        if mark in (_DIGITS, _UUID):
            value = UUID(bytes=content)
            yield value.hex if mark == _DIGITS else str(value)
        else:
            yield content.decode("ascii")
