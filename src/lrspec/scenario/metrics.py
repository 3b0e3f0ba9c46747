"""Metrics that tell implementations of a plateau apart, chosen from a recipe.

Two implementations often agree on a metric that improves for a while and then stays where it is.
They differ on a new best metric during a cooldown, a metric exactly on the limit, a negative one,
NaN before the first number, or one bad metric more or fewer than the patience.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat

from lrspec.engine.state_machine import State
from lrspec.spec.recipe import Recipe

#: A metric, None for NaN, and how often it is repeated.
_Run = tuple[float | None, int]
_FIRST = 4.0  # a power of two: frameworks round the limit of another best metric differently
_MOST_REDUCTIONS = 200


def telling_metrics(recipe: Recipe, longest: int) -> dict[str, tuple[float | None, ...]]:
    """Return sequences of at most *longest* metrics for *recipe*, None for NaN, by their names.

    The names are the variants of the scenario `metrics`. In a recipe that continues from a state,
    the metrics are relative to its best one.
    """
    values = recipe.values(1.0)
    best = State(recipe, recipe.bases[0]).state["best"]
    limits = _Limits(values["mode"] == "max", values["threshold"], values["threshold_mode"])
    sequences = _sequences(recipe, limits, best, values["patience"] + 1, values["cooldown"])
    every = {
        name: islice(chain.from_iterable(repeat(m, min(n, longest)) for m, n in runs), longest)
        for name, runs in sequences.items()
    }
    return {name: tuple(sequence) for name, sequence in every.items()}


def with_metrics(recipe: Recipe, metrics: Sequence[float | None]) -> Recipe:
    """Return *recipe* with other metrics."""
    return replace(recipe, given={**recipe.given, "metrics": tuple(metrics)})


def _sequences(
    recipe: Recipe, limits: _Limits, best: float, many: int, cooldown: int
) -> Mapping[str, Sequence[_Run]]:
    """Return the sequences, *many* being the bad metrics that reduce the rate."""
    first = limits.next(best)
    old = limits.better(first)
    new = limits.hides(old)
    older, newest = limits.better(new), limits.hides(limits.better(new))
    bad = limits.worse(first)
    low = -_FIRST  # the limit of a negative metric is on its worse side
    inside = (low + limits.of(low)) / 2
    rest = max(cooldown - 1, 0)
    return {
        "cooldown": [
            (first, 1), (bad, many), (new, 1), (bad, rest), (old, many),
            (old, rest), (newest, 1), (older, 2 * many + cooldown),
        ],
        "equal": [
            (first, many + 1), (first, cooldown), (limits.of(first), many),
            (first, cooldown), (limits.just_beyond(first), 1), (first, many + 1),
        ],
        "patience": [
            (first, 1), (bad, many - 1), (old, 1), (bad, many - 1), (new, 1), (bad, many),
            (bad, cooldown), (bad, many - 1), (newest, 1), (bad, many + 1),
        ],
        "negative": [
            (low, many + 1), (limits.of(low), many + cooldown), (inside, many + 1),
            (low, many + cooldown), (0.0, many + cooldown + 1), (-first, 1), (first, many + 1),
        ],
        "lowest": [
            (limits.worse(best) if math.isfinite(best) else first,
             _reductions(recipe) * (many + cooldown) + 1),
        ],
        "nan": [
            (None, max(many - 1, 1)), (first, many + 1 + cooldown), (None, many),
            (old, 1), (None, many + cooldown), (new, 1), (old, many),
        ],
    }  # fmt: skip


def _reductions(recipe: Recipe) -> int:
    """Return how many reductions lower the rate to where it stays, and one more."""
    values, rate = recipe.values(1.0), max(recipe.bases)
    for count in range(_MOST_REDUCTIONS):
        lowered = max(rate * values["factor"], values["min_lr"])
        if rate - lowered <= values["eps"]:
            return count + 1
        rate = lowered
    return _MOST_REDUCTIONS


@dataclass(frozen=True)
class _Limits:
    """The metrics that are better or worse than a best one."""

    higher: bool
    threshold: float
    threshold_mode: str

    @property
    def sign(self) -> int:
        """The direction in which a metric gets better."""
        return 1 if self.higher else -1

    def of(self, best: float) -> float:
        """Return the limit that an improvement on *best* must be beyond."""
        away = self.sign * self.threshold
        return best * (1 + away) if self.threshold_mode == "rel" else best + away

    def just_beyond(self, best: float) -> float:
        """Return the smallest improvement on *best*."""
        return math.nextafter(self.of(best), self.sign * math.inf)

    def better(self, best: float) -> float:
        """Return a metric that is clearly beyond *best* and its limit."""
        far = self.sign * max(self.sign * best, self.sign * self.of(best))
        return far + self.sign * (abs(far) / 2 or 1.0)

    def worse(self, best: float) -> float:
        """Return a metric that reaches neither *best* nor its limit."""
        near = self.sign * min(self.sign * best, self.sign * self.of(best))
        return near - self.sign * (abs(near) / 2 or 1.0)

    def hides(self, metric: float) -> float:
        """Return a best metric on which *metric* is no improvement."""
        best = self.better(metric)
        while self.sign * metric > self.sign * self.of(best):
            best = self.better(best)
        return best

    def next(self, best: float) -> float:
        """Return a power of two that improves on *best*, or its negative."""
        if not math.isfinite(best):
            return _FIRST
        mantissa, exponent = math.frexp(self.better(best))
        grows = (mantissa > 0) == self.higher
        power = math.ldexp(1.0, exponent if grows else exponent - 1)
        return math.copysign(power, mantissa) if mantissa else float(self.sign)
