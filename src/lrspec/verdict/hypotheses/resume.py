"""A run that was saved and begun anew: what was not restored, or counted once too often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lrspec.engine.closed_form import at
from lrspec.scenario.actions import Action
from lrspec.scenario.scenario import Scenario
from lrspec.scenario.simulation import CLOSED, RECURSIVE, simulate
from lrspec.verdict.evidence import Evidence, Prediction
from lrspec.verdict.hypotheses.tail import other_tail

_LOST = {
    CLOSED: "one update uses it, then the step alone decides again (closed form).",
    RECURSIVE: "the run goes on from it (recursive form).",
}
EARLY = "The constructor takes a step itself, so that the index k is one too many"


def predictions(scenario: Scenario, shift: int = 0) -> Iterator[Prediction]:
    """Return what may come of a resume; with *shift* the whole curve is shifted besides."""
    if scenario.id.name == "resume_state":
        for form in (CLOSED, RECURSIVE):
            sentence = f"The rate of the optimizer is not restored: {_LOST[form]}"
            rates = simulate(forgetful(scenario), form, shift=shift)
            yield Prediction("state not restored", sentence, rates)
    if scenario.id.name == "resume_index":
        yield from _by_index(scenario, shift)


@lru_cache(maxsize=256)
def forgetful(scenario: Scenario) -> Scenario:
    """Return *scenario* with its resume in good order as one without the optimizer's state."""
    return _resumed(scenario, {"right": "scheduler-only"})


@lru_cache(maxsize=256)
def restored(scenario: Scenario) -> Scenario:
    """Return *scenario* with its resume in good order, whatever its order is."""
    return _resumed(scenario, dict.fromkeys(("scheduler-only", "built-late"), "right"))


def _resumed(scenario: Scenario, orders: Mapping[str, str]) -> Scenario:
    actions = tuple(
        Action(verb, orders.get(argument, argument) if verb == "resume" else argument)
        for verb, argument in scenario.actions
    )
    return replace(scenario, actions=actions)


def _by_index(scenario: Scenario, shift: int) -> Iterator[Prediction]:
    if scenario.index:
        kind = "resumed one step early"
        sentence = f"{EARLY}: each rate follows from its step."
        yield Prediction(kind, sentence, simulate(scenario, CLOSED, shift=shift))
        yield Prediction(kind, f"{EARLY}, and the rate is kept.", simulate(scenario, RECURSIVE))
        again = f"{EARLY}: the step to it is taken from the rate that is there."
    else:
        kind = "a step repeated"
        again = "The constructor takes the step to the index again, from the rate that has it."
    sentence = "The constructor takes the step to the index from the base rate, not from the run's."
    from_base = simulate(scenario, RECURSIVE, "from the base rate", shift)
    yield Prediction(kind, again, simulate(scenario, RECURSIVE, "stepped", shift))
    yield Prediction("resumed from the base rate", sentence, from_base)
    sentence = "The composition goes on counting, and its members begin again at their own step 0."
    for members in ("members restarted", "members stepped"):
        yield Prediction("members begun anew", sentence, simulate(scenario, RECURSIVE, members))


def resumed(evidence: Evidence) -> Iterator[Prediction]:
    """What was seen is what a scheduler makes of the resume that keeps its step alone."""
    for found in predictions(evidence.scenario):
        yield replace(found, sentence=f"{found.sentence} {evidence.seen}")


def at_another_step(evidence: Evidence) -> Iterator[Prediction]:
    """The curve is right, but the run goes on a step early or late, or at its first step."""
    scenario = evidence.scenario
    begun = scenario.id.name in ("resume_state", "resume_index") and not scenario.index
    if not begun or scenario.recipe.schedule.machine is not None:
        return
    k = int(scenario.actions[0][1])
    for off, kind, sentence in (
        (1, "resumed one step early", "The run goes on one step too far."),
        (-1, "resumed one step late", "The run goes on one step too few."),
        (-k, "state not restored", "The step is not restored: the curve begins again."),
    ):
        t = np.maximum(np.where(np.arange(len(scenario.t)) < k, scenario.t, scenario.t + off), 0)
        yield Prediction(kind, f"{sentence} {evidence.seen}", at(scenario.recipe, t))


def resumed_on_a_shifted_curve(evidence: Evidence) -> Iterator[Prediction]:
    """The same on a curve that is one step early or late from the start."""
    for shift in (1, -1):
        late = "early" if shift > 0 else "late"
        for found in predictions(evidence.scenario, shift):
            sentence = f"The curve is one step {late} from the start. {found.sentence}"
            yield replace(
                found,
                kind=f"shifted by {shift:+d}, {found.kind}",
                sentence=f"{sentence} {evidence.seen}",
            )


def resumed_before_another_tail(evidence: Evidence) -> Iterator[Prediction]:
    """The same, and what comes after the end is something else besides."""
    scenario = evidence.scenario
    if any(evidence.fits(tail.rates) for tail in other_tail(evidence)):
        return  # nothing was lost but the end
    for found in predictions(scenario):
        ahead = np.zeros(len(scenario.t))
        if found.kind == "resumed one step early":
            ahead[int(scenario.actions[0][1]) :] = 1
        nearer = replace(
            evidence,
            scenario=replace(scenario, t=scenario.t + ahead),
            expected=found.rates[: len(evidence.observed)],
        )
        if nearer.difference.first is None:
            continue
        for tail in other_tail(nearer):
            sentence = f"{found.sentence} {tail.sentence}"
            yield Prediction(f"{found.kind}, {tail.kind}", sentence, tail.rates)
