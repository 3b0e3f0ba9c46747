"""The source leaves an argument to the framework, whose default is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lrspec.engine.closed_form import at
from lrspec.verdict.evidence import Evidence, Prediction
from lrspec.verdict.hypotheses.tail import other_tail


def other_default(evidence: Evidence) -> Iterator[Prediction]:
    """The recipe with the framework's own defaults, to its end or with another tail besides."""
    if not evidence.assumes:
        return
    recipe = evidence.scenario.recipe
    variant = replace(recipe, given={**recipe.given, **evidence.assumes})
    scenario = replace(evidence.scenario, recipe=variant)
    nearer = replace(
        evidence, scenario=scenario, expected=at(variant, scenario.t)[: len(evidence.observed)]
    )
    sentence = f"{assumption(evidence)} {evidence.seen}"
    yield Prediction("another default", sentence, nearer.expected)
    if nearer.difference.first is not None:
        for tail in other_tail(nearer):
            sentence = f"{assumption(evidence)} {tail.sentence}"
            yield Prediction(f"another default, {tail.kind}", sentence, tail.rates)


def assumption(evidence: Evidence) -> str:
    """Return what is assumed, in a sentence."""
    values = evidence.scenario.recipe.values(evidence.scenario.recipe.bases[0])
    told = [
        f"{name} is {_shown(found)} (the specification's is {_shown(values[name])})"
        for name, found in evidence.assumes.items()
    ]
    return f"By default {', '.join(told)}."


def _shown(found: object) -> str:
    return f"{found:.6g}" if isinstance(found, float) else str(found).lower()
