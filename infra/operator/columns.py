"""Write rows of text as columns for a terminal."""

from collections.abc import Sequence

_GAP = "  "


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Write the rows one below the other, each column as wide as its widest text.

    A dash stands for an empty text.
    """
    shown = [[text or "-" for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = [_GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in shown]
    return "\n".join(f"{_GAP}{line}".rstrip() for line in lines)
