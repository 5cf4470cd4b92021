"""Draw docs/images/performance.png: a program for the environment that has matplotlib, figures on stdin."""

import json
import sys
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

_CALL = "tools/call, 2026-07-28"
PANELS = (
    ("Cold start", "CPU to the first answer, with byte code", "Cold start: CPU to the first answer, ms"),
    ("Warm calls, p50", f"{_CALL}, new token", f"{_CALL}, a new token each time: p50, ms"),
    ("Warm calls, p50", "tools/call, 2025-11-25, new token", "tools/call, 2025-11-25, a new token: p50, ms"),
    ("Warm calls, p50", f"{_CALL}, repeated token", f"{_CALL}, a repeated token: p50, ms"),
    ("Warm calls, p50", "401, no token", "401 without a token: p50, ms"),
    ("After all warm calls", "peak memory", "Peak memory, MB"),
)
OURS, OTHERS = "#1f6feb", "#9aa4b2"


def main() -> None:
    given = json.load(sys.stdin)
    titles, figures = given["titles"], given["figures"]
    panels = [(title, _rows(figures, table, what, titles)) for table, what, title in PANELS]
    panels = [(title, rows) for title, rows in panels if rows]
    height = (len(panels) + 1) // 2
    figure, axes = plt.subplots(height, 2, figsize=(12, 2.1 * height), squeeze=False)
    for axis, (title, rows) in zip(axes.flat, panels, strict=False):
        _draw(axis, title, rows, titles)
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=110)


def _rows(figures: list[dict[str, Any]], table: str, what: str, titles: dict[str, str]) -> list[dict[str, Any]]:
    found = [row for row in figures if (row["table"], row["what"]) == (table, what) and row["subject"] in titles]
    return sorted(found, key=lambda row: list(titles).index(row["subject"]), reverse=True)


def _draw(axis: Any, title: str, rows: list[dict[str, Any]], titles: dict[str, str]) -> None:
    names = [titles[row["subject"]] for row in rows]
    values = [row["median"] for row in rows]
    spread = [
        [row["median"] - row["least"] for row in rows],
        [row["most"] - row["median"] for row in rows],
    ]
    colours = [OURS if row["subject"] == "ours" else OTHERS for row in rows]
    axis.barh(names, values, xerr=spread, color=colours, ecolor="#444444", capsize=2, height=0.65)
    for place, row in enumerate(rows):
        axis.text(row["most"], place, f"  {_number(row['median'])}", va="center", fontsize=8)
    axis.set_xlim(0, max(row["most"] for row in rows) * 1.15)
    axis.set_title(title, fontsize=9, loc="left")
    axis.tick_params(labelsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
