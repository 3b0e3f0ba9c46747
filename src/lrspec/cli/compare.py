"""`lrspec compare`: two recipes, schedulers or logs of rates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from lrspec.cli import options
from lrspec.cli.target import recipe_of
from lrspec.dialect.curve import curve_of
from lrspec.dialect.rates import at
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput, located
from lrspec.importers.rate_log import RateLog, is_log, read_log
from lrspec.scenario.builders import FARTHEST
from lrspec.scenario.own_run import run_length
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.telling import with_telling_metrics
from lrspec.verdict.compare import compare, largest_rate, pair

_LONGEST = 10**7  # steps that are compared unless more are asked for


@dataclass(frozen=True)
class _Side:
    """One of the two targets: a recipe, which has a rate at every step, or a log."""

    name: str
    curve: Recipe | RateLog

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps of the log; of a recipe, those past the schedule's end."""
        if isinstance(self.curve, RateLog):
            return self.curve.steps
        longest = _LONGEST if self.curve.dialect is None else FARTHEST
        return np.arange(run_length(self.curve, longest=longest).steps)

    def at(self, steps: NDArray[np.int64]) -> Rates:
        """Return the rates at *steps*, each of which a log has to have."""
        if isinstance(self.curve, RateLog):
            return self.curve.rates[np.searchsorted(self.curve.steps, steps)]
        with located(self.name):
            return at(self.curve, steps)


@click.command("compare", short_help="Compare two recipes, schedulers or logs of rates.")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--steps", type=click.IntRange(1, 10**8), metavar="N", help="Compare N steps.")
@options.python
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    first: str,
    second: str,
    steps: int | None,
    pythons: dict[str, str],
    as_json: bool,  # noqa: FBT001
) -> int:
    """Print whether A and B have the same rates, or from which step they differ, and by how much.

    Each is a RECIPE, a scheduler (FILE.py:EXPRESSION), or a log of rates: a CSV or TSV file, or
    JSON lines (.jsonl), with a line per update. Only the steps that a log has are compared. Exit
    status: 0 same, 1 different.
    """
    a, b = _with_telling_metrics(*(_side(target, pythons) for target in (first, second)))
    compared = _steps(a, b, steps)
    expected, actual = a.at(compared), b.at(compared)
    if expected.shape != actual.shape:
        found = f"{actual.shape[1]} parameter groups"
        raise BadInput(second, found, f"{expected.shape[1]}, as in {first}")
    largest = largest_rate(a.curve) if isinstance(a.curve, Recipe) else None
    difference = compare(expected, actual, tolerance_of("float64"), largest)
    row = difference.first
    step = None if row is None else int(compared[row])
    if as_json:
        document = {
            "schema_version": 1,
            "same": row is None,
            "difference": difference.kind,
            "steps": len(compared),
            "first_step": step,
            "differing": difference.count,
            "max_abs_error": difference.max_abs,
            "max_rel_error": difference.max_rel,
        }
        options.print_json(document, indent=None)
    elif row is None:
        exact = difference.kind == "exact"
        size = "exact" if exact else f"rounding, at most {difference.max_rel:.2g} of the peak"
        click.echo(f"same over {len(compared)} steps: {size}")
    else:
        rates = " and ".join(pair(expected[row], actual[row]))
        extent = f"{difference.count} of {len(compared)} steps differ"
        size = f"by up to {difference.max_rel:.3g} of the peak"
        click.echo(f"different from step {step}: {rates}; {extent}, {size}")
    return 0 if row is None else 1


def _with_telling_metrics(a: _Side, b: _Side) -> tuple[_Side, _Side]:
    """Return two sides with metrics on which they differ, if they are recipes that read metrics."""
    if isinstance(a.curve, RateLog) or isinstance(b.curve, RateLog):
        return a, b
    one, other = with_telling_metrics(a.curve, b.curve)
    if one is not a.curve:
        metrics = ", ".join("nan" if m is None else f"{m:g}" for m in one.given["metrics"])
        click.echo(f"note: compared with metrics that tell them apart: {metrics}", err=True)
    return _Side(a.name, one), _Side(b.name, other)


def _side(target: str, pythons: dict[str, str]) -> _Side:
    if is_log(Path(target)):
        return _Side(target, read_log(Path(target)))
    return _Side(target, recipe_of(target, pythons))


def _reached(side: _Side, steps: int) -> int:
    """Return *steps*, or with a warning how many a framework makes before it raises an error."""
    if isinstance(side.curve, RateLog) or side.curve.dialect is None:
        return steps
    with located(side.name):
        curve = curve_of(side.curve, steps)
    if curve.error:
        raised = f"{side.curve.dialect} raises {curve.error}"
        options.print_warning(f"{side.name}: step {curve.steps:,}: {raised}; compared up to there")
    return curve.steps


def _steps(a: _Side, b: _Side, count: int | None) -> NDArray[np.int64]:
    """Return the steps to compare: those of the logs, or else past the later of the two ends."""
    logs = [side for side in (a, b) if isinstance(side.curve, RateLog)]
    if logs:
        steps = logs[0].steps
        for log in logs[1:]:
            steps = np.intersect1d(steps, log.steps)
    elif count is None:
        steps = np.arange(min(_reached(side, max(len(a.steps), len(b.steps))) for side in (a, b)))
    else:
        steps = np.arange(count)
    if count is not None:
        steps = steps[steps < count]
    if not steps.size:
        raise BadInput(b.name, "no step", f"a step that {a.name} has")
    return steps
