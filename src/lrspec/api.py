"""The public functions: load a schedule, compute and compare rates, port, build and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.engine import closed_form, recursive_form
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.port.result import Port
from lrspec.scenario.builders import horizons
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import Difference
from lrspec.verdict.compare import compare as compare_traces
from lrspec.views import Views

if TYPE_CHECKING:
    from lrspec.port.scheduler import Scheduler

_Number = float | np.number[Any]
_Array = Sequence[Any] | NDArray[Any]


class Schedule(Views):
    """A schedule with its parameters: the learning rate of every step.

    Example:
        >>> s = load({"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 4})
        >>> s([0, 2, 4]).round(9).tolist()
        [1.0, 0.5, 0.0]
        >>> s.trace(3).shape
        (3, 1)

    """

    def __init__(self, recipe: Recipe, notes: tuple[str, ...] = ()) -> None:
        self.recipe = recipe
        #: Notes on a schedule that was read from a scheduler; otherwise empty.
        self.notes = notes

    @property
    def position(self) -> float:
        """The step at which a scheduler was read; 0 for any other schedule."""
        return self.recipe.position

    @overload
    def __call__(self, t: _Number) -> float | Rates: ...

    @overload
    def __call__(self, t: _Array) -> Rates: ...

    def __call__(self, t: ArrayLike) -> float | Rates:
        """Return the rate of step *t*, a number or an array; fractions are allowed.

        The result is a float64 array with the shape of *t* and, for a list of base rates, a last
        axis with one entry per group; a float if it would have no axis. Raises `BadInput` for a
        step that is negative, above 2**53 or not finite.
        """
        rates = closed_form.at(self.recipe, t)
        if not self.recipe.single:
            return rates
        return float(rates[0]) if rates.ndim == 1 else rates[..., 0]

    def trace(self, steps: int, *, form: str = "closed") -> Rates:
        """Return the rates of steps 0 … *steps* − 1, of shape (steps, groups), as float64.

        *form* is `closed` (each rate from its step) or `recursive` (each from the rate before).
        Raises `BadInput` for a schedule without a recursive form and for a rate that is not finite.
        """
        if form not in ("closed", "recursive"):
            raise BadInput("form", form, "closed or recursive")
        engine = recursive_form.trace if form == "recursive" else closed_form.trace
        return engine(self.recipe, steps)

    def as_in(self, framework: str) -> FrameworkSchedule:
        """Return the schedule as *framework*, `BACKEND` or `BACKEND==VERSION`, computes it.

        Its rates are those of the framework's own classes, departures included, by the dialect of
        the framework, which need not be installed. Raises `BadInput` for an unknown framework.

        Example:
            >>> s = load({"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2})
            >>> s(0) > 0, s.as_in("paddle")(0)
            (True, 0.0)

        """
        return FrameworkSchedule(self.recipe, framework)


class FrameworkSchedule(Schedule):
    """A schedule with the rates that one framework uses, departures included."""

    def __init__(self, recipe: Recipe, framework: str) -> None:
        from lrspec.suite.predicted_rates import target_of, version_warning  # noqa: PLC0415 - more than the core

        super().__init__(recipe)
        self.backend, version = target_of(framework)
        #: A warning where the version is not modeled; otherwise empty.
        self.notes = tuple(filter(None, [version_warning(self.backend, version)]))

    def __call__(self, t: ArrayLike) -> Any:
        """Return the rate of step *t*, as `Schedule` does, for whole steps only."""
        steps = np.asarray(t)
        if not np.issubdtype(steps.dtype, np.integer) or (steps.size and steps.min() < 0):
            raise BadInput("t", repr(t), "whole steps from 0")
        rates = self.trace(int(steps.max(initial=-1)) + 1)[steps]
        if not self.recipe.single:
            return rates
        return float(rates[0]) if rates.ndim == 1 else rates[..., 0]

    def trace(self, steps: int, *, form: str = "closed") -> Rates:
        """Return the rates of steps 0 … *steps* − 1, of shape (steps, groups), as float64.

        Raises `BadInput` where the framework cannot express the schedule, or raises before the last
        of the steps. *form* must be `closed`: a framework has one form.
        """
        from lrspec.suite.predicted_rates import predicted_rates  # noqa: PLC0415 - it needs more than the core

        if form != "closed":
            raise BadInput("form", form, "closed: the framework has one form")
        prediction = predicted_rates(self.recipe, self.backend, steps)
        if prediction.error and len(prediction.rates) < steps:
            at = f"step {len(prediction.rates)}: {prediction.error}"
            raise BadInput("steps", at, f"a run that {self.backend.title} can make")
        return prediction.rates

    def __repr__(self) -> str:
        return f"{super().__repr__()}.as_in({self.backend.name!r})"


def load(source: str | Path | Mapping[str, Any]) -> Schedule:
    """Return the schedule of a recipe: a mapping, a JSON file, or a published recipe's name.

    Raises `BadInput` (a `ValueError`) with the file, the JSON path, the value and what is expected.

    Example:
        >>> load({"schedule": "step", "base_lr": 0.1})
        Traceback (most recent call last):
        ...
        lrspec.errors.BadInput: ...step_size...

    """
    return Schedule(recipe.load(source))


_Curve = Schedule | Mapping[str, Any] | ArrayLike


def compare(a: _Curve, b: _Curve, steps: int | None = None) -> Difference:
    """Return the difference of *b* from *a*, each a schedule or a trace of shape (steps, groups).

    A trace of one group may be flat. By default, *steps* is the length of the shorter trace, or is
    past the ends of both schedules. Raises `ValueError` for different numbers of groups.

    Example:
        >>> s = load({"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5})
        >>> compare(s, [1.0, 0.5, 0.3])
        Difference(kind='divergence', first=2, ...)

    """
    sides = [load(x) if isinstance(x, Mapping) else x for x in (a, b)]
    traces = [x if isinstance(x, Schedule) else np.asarray(x, dtype=np.float64) for x in sides]
    lengths = [len(x) for x in traces if not isinstance(x, Schedule)]
    spans = [horizons(x.recipe)[0] for x in traces if isinstance(x, Schedule)]
    count = steps if steps is not None else min(lengths, default=max(spans, default=0))
    first, second = (
        x.trace(count) if isinstance(x, Schedule) else x[:count].reshape(len(x[:count]), -1)
        for x in traces
    )
    return compare_traces(first, second, tolerance_of("float64"))


def port(
    schedule: Schedule | Mapping[str, Any],
    *,
    to: str,
    standalone: bool = False,
    ulp: float | None = None,
) -> Port:
    """Return *schedule* as source for the backend *to*, with a certificate of running it there.

    The source uses the framework's own classes if they match the specification for these
    parameters. Otherwise, with *standalone*, and for the backend `numpy`, it is a function. Rates
    match to within rounding or, if given, to within *ulp* units in the last place. Raises
    `BadInput` for an unknown backend and for a mode that supports neither style.

    Example:
        >>> ported = port(load("one-sentence"), to="numpy")
        >>> ported.style, ported.certificate.diverges
        ('standalone', False)

    """
    from lrspec.port.port import port as port_recipe  # noqa: PLC0415 - it needs more than the core

    return port_recipe(_schedule(schedule).recipe, to, standalone=standalone, ulp=ulp)


def read(scheduler: Scheduler) -> Schedule:
    """Return the schedule of a live *scheduler*, which is not stepped.

    The base rates are those at its step 0, `position` is its current step, and `notes` are the
    framework's departures from the specification. Raises `BadInput` for a class of an unknown
    framework, a subclass with its own rates, and a function that is not a formula of the step.
    """
    from lrspec.importers.scheduler import of_object  # noqa: PLC0415 - it needs more than the core
    from lrspec.suite.predicted_rates import notes_of  # noqa: PLC0415

    result = of_object(scheduler)
    return Schedule(result.recipe, notes_of(result))


def _schedule(given: Schedule | Mapping[str, Any]) -> Schedule:
    return load(given) if isinstance(given, Mapping) else given


def build(
    schedule: Schedule | Mapping[str, Any], optimizer: object, *, standalone: bool = False
) -> Scheduler:
    """Return a live scheduler of *schedule* on *optimizer*, in the optimizer's framework.

    It runs the source that `port` returns, verified once, in another process of this interpreter.
    The base rates become those of the parameter groups; a single one is for all groups. The
    scheduler starts at step 0: to resume a schedule that was read in mid-run, step it `position`
    times. Raises `BadInput` for an optimizer of an unknown framework and for other parameter
    groups.
    """
    from lrspec.port.build import build as build_recipe  # noqa: PLC0415 - it needs more than the core
    from lrspec.port.certified_source import certified_source  # noqa: PLC0415

    source = partial(certified_source, standalone=standalone)
    scheduler: Scheduler = build_recipe(_schedule(schedule).recipe, optimizer, source)
    return scheduler
