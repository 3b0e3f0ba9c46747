"""Plots of rates."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from lrspec.engine.closed_form import Rates, trace
from lrspec.spec.recipe import Recipe
from lrspec.verdict.results import write

mpl.rcParams["svg.hashsalt"] = "lrspec"  # the same bytes each time
_MAX_POINTS = 4000


def curves(recipes: Mapping[str, Recipe], steps: int, path: Path) -> None:
    """Plot the first *steps* rates of each recipe, by its name, to *path* (.png or .svg)."""
    lines: dict[str, Rates] = {}
    for name, recipe in recipes.items():
        rates = trace(recipe, steps)
        for group, column in enumerate(rates.T):
            lines[name if rates.shape[1] == 1 else f"{name}, group {group}"] = column
    draw(lines, path)


def draw(lines: Mapping[str, Rates], path: Path) -> None:
    """Plot each line, one rate per step, to *path*; the file is replaced atomically."""
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, rates in lines.items():
        stride = max(1, len(rates) // _MAX_POINTS)
        axes.step(np.arange(0, len(rates), stride), rates[::stride], where="mid", label=name)
    axes.set_xlabel("step t")
    axes.set_ylabel("learning rate of update t")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    picture = BytesIO()
    metadata = {"Date": None} if path.suffix == ".svg" else {}
    figure.savefig(picture, format=path.suffix[1:], dpi=150, metadata=metadata)
    write(path, picture.getvalue())
