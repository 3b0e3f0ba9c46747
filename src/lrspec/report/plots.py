"""Plots of rates, as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lrspec.dialect.curve import Curve
from lrspec.engine.closed_form import Rates
from lrspec.engine.landmarks import landmarks
from lrspec.report.text_plot import FAR
from lrspec.verdict.files import write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

mpl.rcParams["svg.hashsalt"] = "lrspec"  # the same bytes each time
_MAX_POINTS = 4000
_MAX_MARKS = 40  # landmarks of a recipe that are marked
_APART = 5  # curves whose peaks differ by this factor are drawn relative to their peaks


@dataclass(frozen=True)
class _Line:
    """The rates of one parameter group at the steps `t`, and the steps of its landmarks."""

    name: str
    t: NDArray[np.int64]
    rates: NDArray[np.float64]
    marks: Sequence[int] = ()

    @property
    def peak(self) -> float:
        """The largest rate, 1 if there is none above 0."""
        return float(self.rates.max(initial=0.0)) or 1.0


def curves(by_name: Mapping[str, Curve], path: Path) -> None:
    """Plot each curve with its name to *path* (.png or .svg).

    A long run is evaluated evenly and around its landmarks, which are marked. With several
    curves, a second panel shows how far the others are from the first while both run. If one run
    is far longer than another, each is drawn over its own length, without that panel.
    """
    drawn: list[_Line] = []
    for name, curve in by_name.items():
        marks = [*landmarks(curve.recipe, curve.steps - 1)][:_MAX_MARKS]
        t = sampled_steps(curve.steps, marks)
        for group, column in enumerate(curve.at(t).T):
            of_group = name if len(curve.recipe.bases) == 1 else f"{name}, group {group}"
            drawn.append(_Line(of_group, t, column, marks))
    lengths = [curve.steps for curve in by_name.values()]
    own_axes = max(lengths) > FAR * min(lengths)
    figure = _figure(drawn, with_difference=len(by_name) > 1 and not own_axes, own_axes=own_axes)
    if len(figure.axes) > 1:
        common = sampled_steps(min(lengths), [mark for line in drawn for mark in line.marks])
        _draw_difference(figure.axes[1], by_name, common, relative=_are_far_apart(drawn))
    _save(figure, path)


def sampled_steps(steps: int, marks: Sequence[int]) -> NDArray[np.int64]:
    """Return every step of a short run, and else evenly spaced ones and those around *marks*."""
    even = np.linspace(0, steps - 1, min(steps, _MAX_POINTS)).round().astype(np.int64)
    near = [mark + off for mark in marks for off in (-1, 0, 1) if 0 <= mark + off < steps]
    return np.union1d(even, np.array(near, dtype=np.int64))


def figure_of(lines: Mapping[str, Rates]) -> Figure:
    """Return a figure with a line per name and parameter group, one rate per step."""
    drawn = []
    for name, rates in lines.items():
        t = sampled_steps(len(rates), ())
        for group, column in enumerate(np.asarray(rates).reshape(len(rates), -1).T):
            of_group = (
                name if np.ndim(rates) == 1 or rates.shape[1] == 1 else f"{name}, group {group}"
            )
            drawn.append(_Line(of_group, t, column[t]))
    return _figure(drawn, with_difference=False, own_axes=False)


def draw(lines: Mapping[str, Rates], path: Path) -> None:
    """Plot each line, one rate per step, to *path*; the file is replaced atomically."""
    _save(figure_of(lines), path)


def _are_far_apart(drawn: Sequence[_Line]) -> bool:
    peaks = [curve.peak for curve in drawn]
    return max(peaks) > _APART * min(peaks)


def _figure(drawn: Sequence[_Line], *, with_difference: bool, own_axes: bool) -> Figure:
    """Return a figure with the curves in its first panel, and perhaps an empty second one."""
    figure = Figure(figsize=(9, 6 if with_difference else 4.5), layout="constrained")
    rows = 2 if with_difference else 1
    ratios = [3, 1][:rows]
    panels = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]
    axes = panels[0]
    relative = _are_far_apart(drawn)
    for curve in drawn:
        scale = curve.peak if relative else 1.0
        steps = int(curve.t[-1]) + 1 if own_axes else 1
        notes = [f"peak {curve.peak:.4g}"] if relative else []
        notes += [f"{steps:,} steps"] if own_axes else []
        label = f"{curve.name} ({', '.join(notes)})" if notes else curve.name
        x, y = curve.t / steps, curve.rates / scale
        (line,) = axes.step(x, y, where="mid", label=label)
        here = np.isin(curve.t, curve.marks)
        color = line.get_color()
        axes.plot(x[here], y[here], ".", color=color, markersize=7, clip_on=False)
    axes.set_ylabel("rate of update t / peak" if relative else "learning rate of update t")
    axes.set_ylim(bottom=min(0.0, *(float(curve.rates.min(initial=0.0)) for curve in drawn)))
    axes.legend(frameon=False)
    for panel in panels:
        panel.grid(visible=True, alpha=0.3)
    panels[-1].set_xlabel("step t / length of the run" if own_axes else "step t")
    return figure


def _draw_difference(
    axes: Axes, by_name: Mapping[str, Curve], t: NDArray[np.int64], *, relative: bool
) -> None:
    """Draw how far the first group of each other curve is from that of the first."""
    rates = [curve.at(t)[:, 0] for curve in by_name.values()]
    scaled = [column / (column.max() or 1.0) if relative else column for column in rates]
    for column in scaled:
        axes.step(t, column - scaled[0], where="mid")
    axes.set_ylabel(f"minus {next(iter(by_name))}")


def _save(figure: Figure, path: Path) -> None:
    picture = BytesIO()
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    figure.savefig(picture, format=path.suffix[1:], dpi=150, metadata=metadata)
    write(path, picture.getvalue())
