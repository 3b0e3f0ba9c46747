"""The library's face: load a schedule, ask it for rates, compare it, port it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrspec.engine import closed_form, recursive_form
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import Difference
from lrspec.verdict.compare import compare as compare_traces

if TYPE_CHECKING:  # what needs more than the core is imported where it is used
    from lrspec.bindings.backend import Backend
    from lrspec.port.build import Scheduler


class Schedule:
    """A schedule with its numbers: the rate of every step, by the specification.

    Example:
        >>> s = load({"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 4})
        >>> s([0, 2, 4]).round(9).tolist()
        [1.0, 0.5, 0.0]

    """

    def __init__(self, recipe: Recipe, notes: tuple[str, ...] = ()) -> None:
        self.recipe = recipe
        #: What a person should know of a schedule that was read; empty for any other.
        self.notes = notes

    @property
    def position(self) -> float:
        """The step that a scheduler was at when it was read; 0 for a schedule of any other kind."""
        return self.recipe.position

    def __call__(self, t: Any) -> Any:
        """Return the rate of step *t*, a number or an array, fractions allowed, as float64.

        One value a step for a single base rate; for several, a last axis of one entry a group.
        Raises `BadInput` for a step that is negative, above 2**53 or not finite.
        """
        rates = closed_form.at(self.recipe, t)
        return rates[..., 0] if self.recipe.single else rates

    def trace(self, steps: int, *, form: str = "closed") -> Rates:
        """Return the rates of the steps 0 … *steps* − 1: a row a step, a column a group.

        *form* is `closed` or `recursive`; raises `BadInput` where the schedule has no such form.
        """
        if form not in ("closed", "recursive"):
            raise BadInput("form", form, "closed or recursive")
        engine = recursive_form.trace if form == "recursive" else closed_form.trace
        return engine(self.recipe, steps)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as a JSON object; `load` of it gives the same schedule."""
        return self.recipe.to_dict()

    def __repr__(self) -> str:
        return f"lrspec.load({self.to_dict()!r})"


def load(source: str | Path | Mapping[str, Any]) -> Schedule:
    """Return the schedule of a recipe: a dictionary, a file, or a published recipe's name.

    Raises `BadInput` (a `ValueError`) that names the file, the JSON path, what was found and what
    was expected.
    """
    return Schedule(recipe.load(source))


def compare(a: Schedule | Rates, b: Schedule | Rates, steps: int | None = None) -> Difference:
    """Return how *b* differs from *a*, each a schedule or a trace of a row a step.

    *steps* is needed of two schedules only where their own horizons are not meant. Raises
    `ValueError` for traces of different shapes.
    """
    lengths = [len(x) for x in (a, b) if not isinstance(x, Schedule)]
    spans = [horizons(x.recipe)[0] for x in (a, b) if isinstance(x, Schedule)]
    count = steps if steps is not None else min(lengths, default=max(spans, default=0))
    first, second = (_rates(x, count) for x in (a, b))
    return compare_traces(first, second, tolerance_of("float64"))


def _rates(of: Schedule | Rates, steps: int) -> Rates:
    if isinstance(of, Schedule):
        return of.trace(steps)
    rates = np.asarray(of, dtype=np.float64)[:steps]
    return rates.reshape(len(rates), -1)


def port(schedule: Schedule, *, to: str, standalone: bool = False, ulp: float | None = None) -> Any:
    """Return *schedule* in the words of the backend *to*: source, style, reason, certificate.

    Native classes where they give the right rates, the closed form where they do not, or where
    *exact* asks for it; *to* `numpy` is a plain function. Right is what is within rounding, or
    within *ulp* units in the last place where that is given. Raises `BadInput` where there is no
    such backend, or where one of its modes can follow neither.
    """
    from lrspec.port.port import port as ported  # noqa: PLC0415 - needs more than the core

    return ported(schedule.recipe, to, standalone=standalone, ulp=ulp)


def read(scheduler: object) -> Schedule:
    """Return the schedule of a live scheduler of a known framework, which is not stepped.

    Its base rates are those that it began with; one in mid-run has a `position`. What is known of
    how its framework departs from the specification stands in `notes`. Raises `BadInput` for what
    cannot be read: a class of no known framework, a subclass with a rate of its own, a function
    that is no formula of the step.
    """
    from lrspec.importers.scheduler import of_object  # noqa: PLC0415 - needs more than the core

    found = of_object(scheduler)
    return Schedule(found.recipe, found.notes)


def build(schedule: Schedule, optimizer: Any, *, standalone: bool = False) -> Scheduler:
    """Return a live scheduler of *schedule* on *optimizer*, of the optimizer's framework.

    It is what `port` writes; a process of this interpreter runs it first, to choose between native
    classes and the closed form. The base rates of the parameter groups become those of the
    schedule; one is for all groups. It begins at step 0, also where *schedule* was read in
    mid-run: so many steps as its `position` bring it there. Raises `BadInput` for an optimizer of
    no known framework, and for parameter groups that are not those of the schedule.
    """
    from lrspec.port.build import build as built  # noqa: PLC0415 - needs more than the core
    from lrspec.port.port import port as ported  # noqa: PLC0415

    def source(recipe: Recipe, backend: Backend) -> str:
        here = {backend.name: sys.executable}
        return str(ported(recipe, backend.name, here, standalone=standalone).source)

    return built(schedule.recipe, optimizer, source)
