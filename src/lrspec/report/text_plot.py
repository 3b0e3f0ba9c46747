"""Curves as text: block characters, an axis with its landmarks, and the two ends of each scale."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lrspec.dialect.curve import Curve

_BLOCKS = " ▁▂▃▄▅▆▇█"
_PER_COLUMN = 16  # steps that are evaluated for a column, at most

#: Runs whose lengths differ by this factor are not compared in a plot.
FAR = 10

Heights = NDArray[np.float64]


def heights(curve: Curve, width: int, marks: Iterable[int] = ()) -> Heights:
    """Return the largest rate of the first group in each of at most *width* parts of the run.

    The parts are of equal length; a step of a short run fills several of them.
    The steps *marks* and those before them are always among those that are evaluated.
    """
    steps = curve.steps
    largest: Heights = curve.at(_parts(steps, width))[..., 0].max(axis=0)
    near = {mark + off for mark in marks for off in (-1, 0) if mark + off < steps}
    inside = np.array(sorted(near), dtype=int)
    if inside.size:
        np.maximum.at(largest, inside * len(largest) // steps, curve.at(inside)[:, 0])
    return np.repeat(largest, max(width // len(largest), 1))


def difference(
    first: Curve, other: Curve, width: int, rows: int, least_margin: int = 0
) -> list[str]:
    """Return how far the first group of *other* is above and below that of *first*, in lines.

    They are compared over the shorter run; a column has the largest difference of its part of it.
    """
    steps = min(first.steps, other.steps)
    parts = _parts(steps, width)
    apart = other.at(parts)[..., 0] - first.at(parts)[..., 0]
    largest = np.take_along_axis(apart, np.abs(apart).argmax(axis=0)[None], axis=0)[0]
    values = np.repeat(largest, max(width // len(largest), 1))
    if not values.any():
        return ["0"]
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    margin = max(_margin(low, high), least_margin)
    return [*_scaled(values, rows, low, high, margin), _ends(steps, len(values), margin)]


def _parts(steps: int, width: int) -> NDArray[np.float64]:
    """Return the steps that are evaluated of each part of the run, a column per part."""
    edges = np.linspace(0, steps, min(width, steps) + 1)
    starts, ends = np.floor(edges[:-1]), np.maximum(np.ceil(edges[1:]) - 1, np.floor(edges[:-1]))
    return np.linspace(starts, ends, _PER_COLUMN).round()


def blocks(values: Heights, rows: int, low: float, high: float) -> list[str]:
    """Return *values* as *rows* lines of block characters, the highest first.

    The lowest block stands for *low*, a full column for *high*.
    """
    scale = high - low
    part = (values - low) / scale if scale > 0 else np.ones_like(values)
    eighths = np.clip((part * (8 * rows - 1)).round().astype(int) + 1, 1, 8 * rows)
    return [
        "".join(_BLOCKS[min(max(int(e) - 8 * row, 0), 8)] for e in eighths)
        for row in reversed(range(rows))
    ]


def axis(marks: Iterable[int], steps: int, columns: int) -> str:
    """Return a line with a mark under the column of each step in *marks*."""
    line = [" "] * columns
    for mark in marks:
        if 0 <= mark < steps:
            line[min(mark * columns // steps, columns - 1)] = "^"
    return "".join(line).rstrip()


def lines(
    curve: Curve, width: int, rows: int, marks: Iterable[int], least_margin: int = 0
) -> list[str]:
    """Return *curve* with its scale on the left, at least *least_margin* wide, and its axis."""
    marks, steps = [*marks], curve.steps
    values = heights(curve, width, marks)
    low, high = min(float(values.min()), 0.0), float(values.max())
    margin = max(_margin(low, high), least_margin)
    marked = axis(marks, steps, len(values))
    return [
        *_scaled(values, rows, low, high, margin),
        *([" " * (margin + 1) + marked] if marked else []),
        _ends(steps, len(values), margin),
    ]


def _ends(steps: int, columns: int, margin: int) -> str:
    """Return a line with the first and the last of *steps* steps under their columns."""
    last = f"{steps - 1:,}"
    return " " * (margin + 1) + "0" + last.rjust(max(columns - 1, len(last) + 1))


def _scaled(values: Heights, rows: int, low: float, high: float, margin: int) -> list[str]:
    """Return the curve of *values* with its scale on the left."""
    labels = [f"{high:.4g}", *[""] * (rows - 2), *([f"{low:.4g}"] if rows > 1 else [])]
    return [
        f"{label:>{margin}} {line.rstrip()}"
        for label, line in zip(labels, blocks(values, rows, low, high), strict=True)
    ]


def _margin(low: float, high: float) -> int:
    return max(len(f"{low:.4g}"), len(f"{high:.4g}"))
