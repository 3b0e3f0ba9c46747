"""PaddleDetection: `LearningRate` of a configuration, with its epochs in updates.

The semantics are those of `ppdet/optimizer/optimizer.py`: a list of a decay and a warmup, each a
tag (`!CosineDecay`) or an object with a `name`. PaddleDetection computes a list with one rate per
step; its milestones count from the start of the run.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput, described, under
from lrspec.importers.configuration.documents import (
    Document,
    constant,
    formula,
    linear_warmup,
    sequence,
)
from lrspec.importers.configuration.fields import Fields, Units
from lrspec.spec.recipe import Recipe, from_dict

_DECAYS, _WARMUPS = ("PiecewiseDecay", "CosineDecay"), ("LinearWarmup", "ExpWarmup")


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe, in updates, of a PaddleDetection configuration.

    *document* is the whole file; the files in its `_BASE_` are not read. Raises `BadInput` for an
    unknown schedule or field, and for an invalid value.
    """
    whole_file = Fields(document, "$")
    place = "$.LearningRate"
    if "LearningRate" not in whole_file:
        base_file = " but a _BASE_" if "_BASE_" in whole_file else ""
        expected = "the file that contains it, often _base_/optimizer_*.yml"
        raise BadInput(place, f"nothing{base_file}", expected)
    section = Fields(whole_file.take("LearningRate"), place)
    base = section.number("base_lr", 0.01)
    schedulers = section.take("schedulers", [{"name": "PiecewiseDecay"}, {"name": "LinearWarmup"}])
    section.done()
    if not isinstance(schedulers, list) or not 1 <= len(schedulers) <= 2:
        expected = "a list of a decay and, after it, a warmup"
        raise section.error("schedulers", described(schedulers), expected)
    decay = Fields(schedulers[0], f"{place}.schedulers[0]")
    name = decay.choice("name", _DECAYS)
    warmup = Warmup(0)
    if decay.flag("use_warmup", default=True):
        if len(schedulers) == 1:
            expected = "a warmup after it, or use_warmup false"
            raise section.error("schedulers", "only a decay", expected)
        warmup = _warmup(Fields(schedulers[1], f"{place}.schedulers[1]"), units)
    reader = _piecewise if name == "PiecewiseDecay" else _cosine
    recipe = reader(decay, units, base, warmup)
    decay.done()
    with under(place):
        return from_dict({"base_lr": base, **recipe})


@dataclass(frozen=True)
class Warmup:
    """A warmup of `steps` updates: linear from `start_factor` times the base rate, or a power.

    Without steps there is no warmup.
    """

    steps: int
    start_factor: float = 0.0
    power: float | None = None

    def before(self, base: float, after: Document) -> Document:
        """Return the recipe of the warmup followed by *after*."""
        if self.power is None:
            return linear_warmup(self.steps, after, start_lr=base * self.start_factor)
        rise = formula(f"(t / {self.steps}) ** {self.power!r}")
        return sequence([rise, after or constant()], [self.steps])


def _warmup(fields: Fields, units: Units) -> Warmup:
    linear = fields.choice("name", _WARMUPS) == "LinearWarmup"
    steps = fields.whole("steps", 500 if linear else 1000)
    in_epochs = fields.number("epochs", -1) >= 0
    if in_epochs and (not linear or fields.flag("epochs_first", default=True)):
        steps = fields.whole("epochs", times=units.per_epoch())
    steps = max(steps, 1)
    if linear:
        fields.take("epochs_first", None)
        warmup = Warmup(steps, fields.number("start_factor", 1 / 3))
    else:
        warmup = Warmup(steps, power=fields.number("power", 2))
    fields.done()
    return warmup


def _piecewise(fields: Fields, units: Units, base: float, warmup: Warmup) -> Document:
    steps = fields.wholes("milestones", [8, 11], times=units.per_epoch())
    if sorted(steps) != steps:
        expected = "milestones in increasing order"
        raise fields.error("milestones", f"a list of {len(steps)}", expected)
    rates = [base, *(base * gamma for gamma in _gammas(fields, len(steps)))]
    if "values" in fields:
        if warmup.steps:
            raise fields.error("values", "values and a warmup", "use_warmup false")
        rates = fields.numbers("values")
    fields.take("values", None)
    if len(rates) != len(steps) + 1:
        raise fields.error("values", f"a list of {len(rates)}", "one rate more than milestones")
    if not warmup.steps:
        return _step_function(steps, rates, base)
    passed = bisect_right(steps, warmup.steps)
    remaining = [step - warmup.steps for step in steps[passed:]]
    if not remaining:
        return warmup.before(base, constant(rates[-1] / base))
    return warmup.before(base, _step_function(remaining, rates[passed:], base))


def _gammas(fields: Fields, count: int) -> list[float]:
    if not isinstance(fields.take("gamma", [0.1, 0.01]), list):
        gamma = fields.number("gamma")
        return [gamma / 10**i for i in range(count)]
    gammas = fields.numbers("gamma", [0.1, 0.01])
    if len(gammas) != count:
        raise fields.error(
            "gamma", f"a list of {len(gammas)}", f"one for each of {count} milestones"
        )
    return gammas


def _step_function(steps: list[int], rates: list[float], base: float) -> Document:
    """Return a recipe of constant *rates*: a multistep if they decay by one factor."""
    gamma = rates[1] / rates[0] if rates[0] else math.nan
    powers = [base * gamma**i for i in range(len(rates))]
    if all(math.isclose(a, b, rel_tol=1e-15) for a, b in zip(rates, powers, strict=True)):
        return {"schedule": "multistep", "milestones": steps, "gamma": gamma}
    return {"schedule": "piecewise_constant", "boundaries": steps, "values": rates}


def _cosine(fields: Fields, units: Units, base: float, warmup: Warmup) -> Document:
    end = fields.whole("max_epochs", 1000, 1, times=units.per_epoch())
    flat = fields.whole("last_plateau_epochs", 0, times=units.per_epoch())
    minimum = fields.number("min_lr_ratio", 0.0)
    if warmup.steps >= end:
        return warmup.before(base, {})
    decay = end - warmup.steps - flat
    if decay < 1:
        plateau = fields.number("last_plateau_epochs", 0)
        expected = "fewer epochs, to leave some for the decay"
        raise fields.error("last_plateau_epochs", plateau, expected)
    after = {"schedule": "cosine_annealing", "T_max": decay, "eta_min": base * minimum}
    if flat:
        after = {"schedule": "cosine_decay", "decay_steps": decay, "alpha": minimum}
    elif warmup.steps:
        # The list of rates ends one step before the minimum, and its last rate is kept.
        last = minimum + (1 - minimum) * (1 + math.cos(math.pi * (decay - 1) / decay)) / 2
        after = sequence([after, constant(last)], [decay])
    return warmup.before(base, after)
