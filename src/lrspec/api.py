"""The public functions: load a schedule, compare rates, port, build and read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from lrspec.engine.state_machine import continued
from lrspec.loaded import Schedule, load
from lrspec.port.result import Port
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import Difference
from lrspec.verdict.compare import compare as compare_traces

if TYPE_CHECKING:
    from lrspec.port.scheduler import Scheduler

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
        from lrspec.suite.telling import with_telling_metrics  # noqa: PLC0415 - it needs more than the core

        sides = [
            Schedule(recipe) for recipe in with_telling_metrics(sides[0].recipe, sides[1].recipe)
        ]
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
