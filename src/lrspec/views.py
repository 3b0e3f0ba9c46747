"""How a schedule is shown and compared: as text, in a notebook, as a figure, as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from lrspec.engine.closed_form import Rates
from lrspec.errors import LrspecError
from lrspec.spec.equality import normalized
from lrspec.spec.recipe import Recipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT, _POINTS = 360, 90, 200
_SHOWN = 20_000  # steps of a schedule that are shown if it is not evaluated at single steps


class Views:
    """The views of a schedule; its class provides `recipe` and `trace`."""

    recipe: Recipe

    def trace(self, steps: int) -> Rates:
        """Return the rates of steps 0 … *steps* − 1, of shape (steps, groups)."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as a JSON object, from which `load` makes the same schedule."""
        return self.recipe.to_dict()

    def __eq__(self, other: object) -> bool:
        """Return whether *other* is a schedule that means the same, its defaults given."""
        if not isinstance(other, Views):
            return NotImplemented
        return normalized(self.recipe) == normalized(other.recipe)

    def __hash__(self) -> int:
        return hash((self.recipe.kind, self.recipe.bases))

    def __repr__(self) -> str:
        return f"lrspec.load({self.to_dict()!r})"

    def plot(self, steps: int | None = None) -> Figure:
        """Return a figure of the rates over *steps* steps, by default over the recipe's own run.

        It needs Matplotlib: `pip install 'lrspec[plot]'`.
        """
        try:
            from lrspec.report.plots import figure_of  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            message = "plot() needs an extra: python -m pip install 'lrspec[plot]'"
            raise LrspecError(message) from error
        return figure_of({self.recipe.kind: self.trace(self._steps(steps))})

    def to_pandas(self, steps: int | None = None) -> Any:
        """Return a DataFrame of the rates over *steps* steps, by default over the own run.

        The index is the step; the column is `lr`, or `lr_0`, `lr_1`, … for several groups. It needs
        pandas, which lrspec does not install.
        """
        try:
            import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415
        except ModuleNotFoundError as error:
            message = "to_pandas() needs pandas: python -m pip install pandas"
            raise LrspecError(message) from error
        rates = self.trace(self._steps(steps))
        names = ["lr"] if rates.shape[1] == 1 else [f"lr_{g}" for g in range(rates.shape[1])]
        return pd.DataFrame(rates, columns=names, index=pd.RangeIndex(len(rates), name="step"))

    def _steps(self, steps: int | None) -> int:
        from lrspec.scenario.own_run import run_length  # noqa: PLC0415 - more than the core

        return run_length(self.recipe, steps, _SHOWN).steps

    def _repr_html_(self) -> str:
        """Return the curve of the first group and the recipe, for a notebook."""
        rates = self.trace(self._steps(None))[:, 0]
        peak = float(rates.max(initial=0.0)) or 1.0
        columns = np.array_split(rates, min(_POINTS, len(rates)))
        highest = [float(column.max()) for column in columns]
        across = _WIDTH / max(len(highest) - 1, 1)
        points = " ".join(
            f"{i * across:.1f},{_HEIGHT * (1 - rate / peak):.1f}" for i, rate in enumerate(highest)
        )
        import html  # noqa: PLC0415

        text = html.escape(json.dumps(self.recipe.to_dict(), ensure_ascii=False))
        last = f"{len(rates) - 1:,}"
        return (
            f'<svg viewBox="-5 -5 {_WIDTH + 10} {_HEIGHT + 10}" width="{_WIDTH}" '
            f'role="img"><polyline points="{points}" fill="none" stroke="#1f77b4" '
            f'stroke-width="2"/></svg><div>steps 0 to {last}, peak {peak:.4g}</div>'
            f"<code>{text}</code>"
        )
