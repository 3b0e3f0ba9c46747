"""The public functions: load a schedule, compute and compare rates, port, build and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.engine import closed_form, recursive_form
from lrspec.engine.closed_form import Rates
from lrspec.engine.state_machine import continued
from lrspec.errors import BadInput
from lrspec.port.result import Port
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
        self._is_plain = recipe.single and recipe.dialect is None
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

    def __call__(self, t: ArrayLike | float) -> float | Rates:
        """Return the rate of step *t*, a number or an array; fractions are allowed.

        The result is a float64 array with the shape of *t* and, for a list of base rates, a last
        axis with one entry per group; a float if it would have no axis. Raises `BadInput` for a
        step that is negative, above 2**53 or not finite, and with a dialect for a fraction and for
        a step that the framework does not reach.
        """
        if isinstance(t, (int, float)) and 0 <= t <= closed_form.LAST_STEP and self._is_plain:
            return closed_form.of_step(self.recipe, t)[0]
        rates: Rates = self._engine().at(self.recipe, t)
        if not self.recipe.single:
            return rates
        return float(rates[0]) if rates.ndim == 1 else rates[..., 0]

    def trace(self, steps: int, *, form: str = "closed") -> Rates:
        """Return the rates of steps 0 … *steps* − 1, of shape (steps, groups), as float64.

        *form* is `closed` (each rate from its step) or `recursive` (each from the rate before).
        Raises `BadInput` for a schedule without a recursive form, for a rate that is not finite,
        and with a dialect for a step that the framework does not reach.
        """
        if form not in ("closed", "recursive"):
            raise BadInput("form", form, "closed or recursive")
        if form == "closed" or self.recipe.dialect is not None:
            if form != "closed":
                raise BadInput("form", form, "closed: a framework has one form")
            rates: Rates = self._engine().trace(self.recipe, steps)
            return rates
        return recursive_form.trace(self.recipe, steps)

    def blocks(self, steps: int, size: int = 65_536) -> Iterator[Rates]:
        """Yield the rows of `trace` in arrays of *size*; the memory does not grow with *steps*."""
        if not isinstance(size, int) or size < 1:
            raise BadInput("size", size, "a whole number, 1 or more")
        if self.recipe.dialect is None:
            return closed_form.blocks(self.recipe, steps, size)
        rates = self.trace(steps)
        return (rates[start : start + size] for start in range(0, steps, size))

    def _engine(self) -> ModuleType:
        """Return the module that computes the rates that the recipe means."""
        if self.recipe.dialect is None:
            return closed_form
        from lrspec.dialect import rates  # noqa: PLC0415 - it needs more than the core

        return rates

    def as_in(self, framework: str) -> Schedule:
        """Return the schedule as *framework*, `BACKEND` or `BACKEND==VERSION`, computes it.

        Its rates are those of the framework's own classes, departures included, by the dialect of
        the framework, which need not be installed. Raises `BadInput` for an unknown framework.

        Example:
            >>> s = load({"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2})
            >>> s(0) > 0, s.as_in("paddle")(0)
            (True, 0.0)

        """
        from lrspec.suite.departing import target_of, version_warning  # noqa: PLC0415 - more than the core

        origin = target_of(framework)
        warning = version_warning(origin)
        return Schedule(replace(self.recipe, dialect=origin), (warning,) if warning else ())

    def as_specified(self) -> Schedule:
        """Return the schedule with the rates of the specification, whatever its dialect."""
        return Schedule(self.recipe.specified)


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

    A trace of one group may be flat. Two plateaus with the same metrics are compared with others
    too, which tell implementations apart. By default, *steps* is the length of the shorter trace,
    or is past the ends of both schedules. Raises `ValueError` for different numbers of groups.

    Example:
        >>> s = load({"schedule": "exponential", "base_lr": 1.0, "gamma": 0.5})
        >>> compare(s, [1.0, 0.5, 0.3])
        Difference(kind='divergence', first=2, ...)

    """
    from lrspec.scenario.builders import FARTHEST  # noqa: PLC0415 - more than the core
    from lrspec.scenario.own_run import run_length  # noqa: PLC0415

    sides = [load(x) if isinstance(x, Mapping) else x for x in (a, b)]
    if isinstance(sides[0], Schedule) and isinstance(sides[1], Schedule):
        from lrspec.suite.telling import told_apart  # noqa: PLC0415 - it needs more than the core

        sides = [Schedule(recipe) for recipe in told_apart(sides[0].recipe, sides[1].recipe)]
    traces = [x if isinstance(x, Schedule) else np.asarray(x, dtype=np.float64) for x in sides]
    lengths = [len(x) for x in traces if not isinstance(x, Schedule)]
    spans = [
        run_length(x.recipe, longest=FARTHEST).steps for x in traces if isinstance(x, Schedule)
    ]
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
    as_specified: bool = False,
    hold_at_errors: bool = False,
) -> Port:
    """Return *schedule* as source for the backend *to*, with a certificate of running it there.

    The source has the rates that the schedule means; those of the specification, also for a
    schedule that was read from a framework, with *as_specified*. It uses the framework's own
    classes if they have these rates. Otherwise, with *standalone*, and for the backend `numpy`, it
    is a function. Where the original raises an error, the port raises it too, or with
    *hold_at_errors* holds the last rate. Rates match to within rounding or, if given, to within
    *ulp* units in the last place. Raises `BadInput` for an unknown backend and for a mode that
    supports neither style.

    Example:
        >>> ported = port(load("one-sentence"), to="numpy")
        >>> ported.style, ported.certificate.diverges
        ('standalone', False)

    """
    from lrspec.port.port import port as port_recipe  # noqa: PLC0415 - it needs more than the core

    return port_recipe(
        _schedule(schedule).recipe,
        to,
        standalone=standalone,
        ulp=ulp,
        as_specified=as_specified,
        hold_at_errors=hold_at_errors,
    )


def read(scheduler: Scheduler) -> Schedule:
    """Return the schedule of a live *scheduler*, which is not stepped.

    The base rates are those at its step 0, `position` is its current step, and `notes` are the
    framework's departures from the specification. Where there are any, the schedule has the rates
    that the framework uses; `as_specified` gives the others. Raises `BadInput` for a class of an
    unknown framework, a subclass with its own rates, and a function that is no formula of the step.
    """
    from lrspec.importers.scheduler import of_object  # noqa: PLC0415 - it needs more than the core
    from lrspec.suite.departing import meant  # noqa: PLC0415

    return Schedule(*meant(of_object(scheduler)))


def _schedule(given: Schedule | Mapping[str, Any]) -> Schedule:
    return load(given) if isinstance(given, Mapping) else given


def build(
    schedule: Schedule | Mapping[str, Any], optimizer: object, *, standalone: bool = False
) -> Scheduler:
    """Return a live scheduler of *schedule* on *optimizer*, in the optimizer's framework.

    It runs the source that `port` returns, verified once, in another process of this interpreter.
    The base rates become those of the parameter groups; a single one is for all groups. The
    scheduler starts at step 0: to resume a schedule that was read in mid-run, step it `position`
    times. Only a plateau continues from where it was read. Raises `BadInput` for an optimizer of an
    unknown framework and for other parameter groups.
    """
    from lrspec.port.build import build as build_recipe  # noqa: PLC0415 - it needs more than the core
    from lrspec.port.certified_source import certified_source  # noqa: PLC0415

    source = partial(certified_source, standalone=standalone)
    recipe = continued(_schedule(schedule).recipe)
    scheduler: Scheduler = build_recipe(recipe, optimizer, source)
    return scheduler
