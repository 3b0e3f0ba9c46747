"""The run that a recipe is for: its length, where that comes from, and the scenario of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lrspec.engine.horizon import end_of
from lrspec.engine.landmarks import first_without_value, span
from lrspec.scenario.builders import FARTHEST, LONGEST, expand, sampled_run
from lrspec.scenario.scenario import Scenario
from lrspec.spec import about
from lrspec.spec.recipe import Recipe

Source = Literal["--steps", "about.run", "the schedule's end"]
_RECORDED = 1000  # rates of a long run that are recorded, besides those around landmarks


@dataclass(frozen=True)
class RunLength:
    """A number of steps, and its source.

    `stated` is the number that the source gives; it exceeds `steps` if the rest is not covered.
    """

    steps: int
    stated: int
    source: Source

    @property
    def is_known(self) -> bool:
        """Whether it is the length of a real run, and not only long enough to see the curve."""
        return self.source != "the schedule's end"

    @property
    def uncovered(self) -> str:
        """What is not covered, as a sentence; empty if everything is."""
        if self.steps >= self.stated:
            return ""
        return (
            f"Steps {self.steps:,} to {self.stated - 1:,} are not covered; "
            f"--steps {self.stated} covers them."
        )


def run_length(recipe: Recipe, steps: int | None = None, longest: int | None = None) -> RunLength:
    """Return the length of the run of *recipe*: *steps*, `about.run`, or to the schedule's end.

    A curve that goes on after its end is covered to one step past it, one without an end for a few
    cycles. Only a given number of *steps* may exceed
    *longest*.
    """
    if steps is not None:
        return RunLength(steps, steps, "--steps")
    source: Source = "the schedule's end"
    run = about.run(recipe.about)
    if run:
        stated, source = run, "about.run"
    else:
        stated = _until_the_end(recipe)
    return RunLength(stated if longest is None else min(stated, longest), stated, source)


def _until_the_end(recipe: Recipe) -> int:
    end = end_of(recipe)
    if end is None:
        return int(min(span(recipe) + 2, first_without_value(recipe) - 1))
    return end.step + (1 if end.holds else 2)


def own_run(recipe: Recipe, steps: int) -> Scenario:
    """Return the plain run of *steps* steps.

    Above `LONGEST` steps about a thousand rates are recorded, and all around the first and last
    landmarks and at the end; of a run with metrics, all.
    """
    if recipe.schedule.machine is not None:
        return expand(recipe, "metrics", steps)[0]
    if steps <= LONGEST:
        return expand(recipe, "stepwise", steps)[0]
    return sampled_run(recipe, steps, max(steps // _RECORDED, 1))


def longest_run(recipe: Recipe) -> int:
    """Return the number of steps of a run in a framework whose length is not given, at most."""
    return FARTHEST if recipe.schedule.machine is None else LONGEST
