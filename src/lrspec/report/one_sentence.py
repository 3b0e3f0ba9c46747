"""One sentence, many curves: the codings of one schedule that were measured, by their rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrspec.bindings.document import EXPLICIT
from lrspec.report.comparison import Comparison
from lrspec.report.groups import title_of
from lrspec.report.sides import Outcome
from lrspec.report.sparkline import sparkline
from lrspec.verdict.compare import number
from lrspec.verdict.results import Results

#: "Ten warmup steps, then cosine to 0 at step 100, peak 1", as it is coded.
_RECIPES = "one-sentence"
_TITLE = "Ten warmup steps, then a cosine to 0 at step 100"
STEPS = (0, 1, 9, 10, 50, 99, 100, 120)
_ROUNDING = 1e-6  # a graph has float32 rates


@dataclass(frozen=True)
class Curve:
    """The first rates of one or more codings, by the step, and the codings' names.

    Where a framework raises there is no rate.
    """

    rates: NDArray[np.float64]
    codings: Sequence[str]

    @property
    def shown(self) -> list[str]:
        """The rates at `STEPS`."""
        return [number(float(self.rates[t])) if t < len(self.rates) else "raises" for t in STEPS]


def curves(found: Iterable[Comparison], results: Results) -> list[Curve]:
    """Return the different curves of the codings that were run as predicted."""
    measured = {
        (f.case.removeprefix("recipes/"), f.backend, f.argument_form)
        for f in results.findings
        if f.verdict in ("conforms", "departs") and f.run.scenario.name == "stepwise"
    }
    different: list[tuple[NDArray[np.float64], list[str]]] = []
    for one in found:
        if one.subject.id.startswith(_RECIPES):
            for name, form, outcome in _codings(one):
                if (one.subject.id, name, form) in measured and len(outcome.rates):
                    rates = outcome.rates[: max(STEPS) + 1, 0]
                    words = "" if form == EXPLICIT else ", default arguments"
                    text = f"{title_of(name)}{words}{one.subject.title.removeprefix(_TITLE)}"
                    same = (names for known, names in different if _are_same(known, rates))
                    names = next(same, None)
                    if names is None:
                        different.append((rates, [text]))
                    else:
                        names.append(text)
    return [Curve(rates, codings) for rates, codings in different]


def _are_same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return len(a) == len(b) and bool(np.allclose(a, b, rtol=0, atol=_ROUNDING))


def _codings(one: Comparison) -> Iterator[tuple[str, str, Outcome]]:
    """Yield the predicted runs of the frameworks' own classes: backend, argument form, rates."""
    for name, side in one.sides.items():
        if side.code and side.plain is not None:
            yield name, EXPLICIT, side.plain
        if side.by_default is not None:
            yield name, "defaults", side.by_default


def picture(found: Sequence[Curve]) -> str:
    """Return the curves as SVG, "" without any."""
    steps = list(range(max((len(curve.rates) for curve in found), default=0)))
    lines = {f"curve-{index}": curve.rates for index, curve in enumerate(found, 1)}
    label = f"{len(found)} curves of one sentence, over {len(steps)} updates"
    return sparkline(lines, steps, label, [10, 100]) if found else ""
