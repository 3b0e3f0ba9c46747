"""PaddleDetection: `LearningRate` of a configuration, with its epochs in updates.

The semantics are those of `ppdet/optimizer/optimizer.py`: a list of a decay and then
a warmup, each a tag (`!CosineDecay`) or an object with a `name`. The whole curve is written out as
one rate a step, whose milestones count from the start of the run.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.configuration.fields import Fields, Units, described, whole
from lrspec.spec.recipe import Recipe, from_dict

Document = dict[str, Any]
_DECAYS, _WARMUPS = ("PiecewiseDecay", "CosineDecay"), ("LinearWarmup", "ExpWarmup")


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe, in updates, of a PaddleDetection configuration.

    *document* is the whole file; a file named in its `_BASE_` is not followed. Raises `BadInput`
    for what is not understood.
    """
    entire = Fields(document, "$")
    if "LearningRate" not in entire:
        based = " but a _BASE_" if "_BASE_" in entire else ""
        expected = "the file that holds it, often _base_/optimizer_*.yml"
        raise BadInput("$.LearningRate", f"nothing{based}", expected)
    place = "$.LearningRate"
    section = Fields(entire.take("LearningRate"), place)
    base = section.number("base_lr", 0.01)
    given = section.take("schedulers", [{"name": "PiecewiseDecay"}, {"name": "LinearWarmup"}])
    section.done()
    if not isinstance(given, list) or not 1 <= len(given) <= 2:
        expected = "a list of a decay and, after it, a warmup"
        raise BadInput(f"{place}.schedulers", described(given), expected)
    decay = Fields(given[0], f"{place}.schedulers[0]")
    name = decay.choice("name", _DECAYS)
    warmup = None
    if decay.flag("use_warmup", default=True):
        if len(given) == 1:
            expected = "a warmup after it, or use_warmup false"
            raise BadInput(f"{place}.schedulers", "a decay alone", expected)
        warmup = _warmup(Fields(given[1], f"{place}.schedulers[1]"), units)
    reader = _piecewise if name == "PiecewiseDecay" else _cosine
    recipe = reader(decay, units, base, warmup)
    decay.done()
    try:
        return from_dict({"base_lr": base, **recipe})
    except BadInput as error:
        raise error.under(place) from error


@dataclass(frozen=True)
class Warmup:
    """A warmup of so many updates: a straight line from a fraction of the base rate, or a power."""

    steps: int
    start_factor: float = 0.0
    power: float | None = None

    def before(self, base: float, after: Document | None) -> Document:
        """Return the recipe of the warmup with *after* behind it; without it the base rate."""
        if self.power is None:
            line = {"warmup_steps": self.steps, "start_lr": base * self.start_factor}
            behind = {} if after is None else {"after": after}
            return {"schedule": "linear_warmup", **line, **behind}
        rise = {"schedule": "lambda", "factor": f"(t / {self.steps}) ** {self.power!r}"}
        return _sequence([rise, after or _hold(1.0)], [self.steps])


def _warmup(fields: Fields, units: Units) -> Warmup:
    name = fields.choice("name", _WARMUPS)
    linear = name == "LinearWarmup"
    steps = fields.whole("steps", 500 if linear else 1000)
    epochs = fields.number("epochs", -1)
    if epochs >= 0 and (not linear or fields.flag("epochs_first", default=True)):
        steps = whole(epochs * units.epoch(), f"{fields.place}.epochs")
    steps = max(steps, 1)
    if linear:
        fields.take("epochs_first", None)
        found = Warmup(steps, fields.number("start_factor", 1 / 3))
    else:
        found = Warmup(steps, power=fields.number("power", 2))
    fields.done()
    return found


def _piecewise(fields: Fields, units: Units, base: float, warmup: Warmup | None) -> Document:
    epochs = fields.numbers("milestones", [8, 11])
    place = f"{fields.place}.milestones"
    steps = [whole(e * units.epoch(), f"{place}[{i}]") for i, e in enumerate(epochs)]
    if sorted(steps) != steps:
        raise BadInput(place, f"a list of {len(steps)}", "milestones in increasing order")
    rates = [base, *(base * gamma for gamma in _gammas(fields, len(steps)))]
    if "values" in fields:
        if warmup is not None:
            raise BadInput(f"{fields.place}.values", "values and a warmup", "use_warmup false")
        rates = fields.numbers("values")
    else:
        fields.take("values", None)
    if len(rates) != len(steps) + 1:
        expected = "one rate more than there are milestones"
        raise BadInput(f"{fields.place}.values", f"a list of {len(rates)}", expected)
    if warmup is None:
        return _stairs(steps, rates, base)
    passed = bisect_right(steps, warmup.steps)
    left = [step - warmup.steps for step in steps[passed:]]
    after = _stairs(left, rates[passed:], base) if left else _hold(rates[-1] / base)
    return warmup.before(base, after)


def _gammas(fields: Fields, count: int) -> list[float]:
    given = fields.take("gamma", [0.1, 0.01])
    if not isinstance(given, list):
        gamma = fields.number("gamma")
        return [gamma / 10**i for i in range(count)]
    gammas = fields.numbers("gamma", [0.1, 0.01])
    if len(gammas) != count:
        place = f"{fields.place}.gamma"
        raise BadInput(place, f"a list of {len(gammas)}", f"one for each of {count} milestones")
    return gammas


def _stairs(steps: list[int], rates: list[float], base: float) -> Document:
    """Return stairs of given rates; by one factor, where they have one."""
    gamma = rates[1] / rates[0] if rates[0] else math.nan
    powers = [base * gamma**i for i in range(len(rates))]
    if all(math.isclose(a, b, rel_tol=1e-15) for a, b in zip(rates, powers, strict=True)):
        return {"schedule": "multistep", "milestones": steps, "gamma": gamma}
    return {"schedule": "piecewise_constant", "boundaries": steps, "values": rates}


def _cosine(fields: Fields, units: Units, base: float, warmup: Warmup | None) -> Document:
    epochs, plateau = fields.number("max_epochs", 1000), fields.number("last_plateau_epochs", 0)
    lowest = fields.number("min_lr_ratio", 0.0)
    end = whole(epochs * units.epoch(), f"{fields.place}.max_epochs", 1)
    flat = whole(plateau * units.epoch(), f"{fields.place}.last_plateau_epochs")
    start = 0 if warmup is None else warmup.steps
    if warmup is not None and start >= end:
        return warmup.before(base, None)
    fall = end - start - flat
    if fall < 1:
        raise BadInput(f"{fields.place}.last_plateau_epochs", plateau, "a fall before the plateau")
    if flat:
        after = {"schedule": "cosine_decay", "decay_steps": fall, "alpha": lowest}
        return after if warmup is None else warmup.before(base, after)
    after = {"schedule": "cosine_annealing", "T_max": fall, "eta_min": base * lowest}
    if warmup is None:
        return after
    # The list of rates ends one short of the trough, and its last one stays.
    last = lowest + (1 - lowest) * (1 + math.cos(math.pi * (fall - 1) / fall)) / 2
    return warmup.before(base, _sequence([after, _hold(last)], [fall]))


def _sequence(schedules: list[Document], milestones: list[int]) -> Document:
    return {"schedule": "sequential", "schedules": schedules, "milestones": milestones}


def _hold(factor: float) -> Document:
    """Return a fraction of the base rate for ever."""
    if factor == 1:
        return {"schedule": "constant", "factor": 1.0, "total_iters": 0}
    return {"schedule": "lambda", "factor": repr(factor)}
