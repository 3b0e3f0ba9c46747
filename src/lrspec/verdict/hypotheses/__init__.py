"""What may lie behind a divergence: each hypothesis predicts a trace, simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrspec.scenario.scenario import Scenario
from lrspec.verdict.evidence import Evidence, Prediction
from lrspec.verdict.hypotheses import (
    composed,
    cycle,
    default,
    form,
    group,
    landmark,
    missed,
    plateau,
    precision,
    reading,
    resume,
    shift,
    tail,
    timebase,
)

Hypothesis = Callable[[Evidence], Iterator[Prediction]]

#: Each offers predictions, likeliest first; the first one that fits the evidence is kept.
HYPOTHESES: tuple[Hypothesis, ...] = (
    precision.float32,
    reading.once_more,
    reading.advanced,
    default.other_default,
    plateau.other_machine,
    group.other_than_the_first,
    form.restored,
    resume.resumed,
    cycle.place_lost,
    resume.resumed_before_another_tail,
    shift.whole,
    resume.at_another_step,
    timebase.other_time,
    landmark.only_there,
    form.recursive,
    shift.from_a_landmark,
    tail.other_tail,
    missed.never_reached,
    timebase.other_time_and_landmarks,
    resume.resumed_on_a_shifted_curve,
    composed.otherwise,
)
#: The same for a scenario after which both forms are right: the step alone does not tell the rate.
AFTER_A_CHANGE: tuple[Hypothesis, ...] = (
    precision.float32,
    group.not_scheduled,
    group.by_the_factors_of_another,
    landmark.only_there,
    tail.other_tail,
    shift.after_a_change,
    group.not_scheduled_beside_another,
    composed.otherwise,
)


def predictions(scenario: Scenario) -> Iterator[Prediction]:
    """Return what can be predicted before anything is seen.

    Where one of them is what the specification has, that kind cannot show in the run.
    """
    for room in (resume, cycle, plateau, form):
        yield from room.predictions(scenario)
