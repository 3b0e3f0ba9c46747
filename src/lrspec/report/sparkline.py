"""Small static curves as SVG, for a page that is read without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

import numpy as np

from lrspec.engine.closed_form import Rates

_WIDTH, _HEIGHT = 300, 90
_POINTS = 240


def points(rates: Rates, count: int) -> list[int]:
    """Return the rows of at most about *count* points that keep each extreme of *rates*."""
    rows = len(rates)
    if rows <= count:
        return list(range(rows))
    edges = np.linspace(0, rows, count // 2 + 1).astype(int)
    kept = {0, rows - 1}
    for start, stop in pairwise(edges):
        kept |= {
            start + int(np.argmin(rates[start:stop])),
            start + int(np.argmax(rates[start:stop])),
        }
    return sorted(map(int, kept))


def sparkline(
    lines: Mapping[str, Rates], t: Sequence[float], label: str, marks: Sequence[float] = ()
) -> str:
    """Return the curves of *lines*, by the class of each, over the steps *t*.

    *marks* are steps with a vertical line. Values that are not finite are left out.
    """
    finite = [r[np.isfinite(r)] for r in lines.values()]
    every = np.concatenate([*finite, [0.0]])
    low, high = float(every.min()), float(every.max())
    last = max(t[-1] if len(t) else 1, 1)
    scale = (_HEIGHT - 4) / ((high - low) or 1.0)
    parts = []
    if low < 0:
        y = 2 + high * scale
        parts.append(f'<path class="zero" d="M0 {y:.1f}H{_WIDTH}"/>')
    parts += [f'<path class="mark" d="M{mark / last * _WIDTH:.1f} 0V{_HEIGHT}"/>' for mark in marks]
    for name, rates in lines.items():
        rows = [row for row in points(rates, _POINTS) if np.isfinite(rates[row])]
        path = " ".join(
            f"{t[row] / last * _WIDTH:.1f},{2 + (high - float(rates[row])) * scale:.1f}"
            for row in rows
        )
        parts.append(f'<polyline class="{escape(name)}" points="{path}"/>')
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none"'
    return (
        f'<svg class="spark" role="img" aria-label="{escape(label)}" {size}>{"".join(parts)}</svg>'
    )
