"""Random recipes with their numbers of steps, for each flaw those in which it shows.

The parameter ranges guarantee that a flaw shows and that no simpler flaw predicts the same rates.
No recipe is excluded because of the suite's verdict on it.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

Recipe = dict[str, Any]
#: Takes a random number generator; returns a recipe and its number of steps.
Maker = Callable[[Random], tuple[Recipe, int]]


def _number(rng: Random, low: float, high: float) -> float:
    return round(rng.uniform(low, high), 4)


def base(rng: Random) -> float:
    """Return a base rate far above every minimum rate below, so that every curve decays."""
    return _number(rng, 0.2, 2.0)


def cosine(rng: Random) -> Recipe:
    """Return a cosine with half periods longer than any shift, above zero."""
    low = _number(rng, 0.001, 0.1)
    return {"schedule": "cosine_annealing", "T_max": rng.randint(8, 14), "eta_min": low}


def polynomial(rng: Random) -> Recipe:
    """Return a decay that is neither linear nor symmetric, and ends above zero."""
    return {
        "schedule": "polynomial",
        "total_iters": rng.randint(8, 16),
        "power": rng.choice([0.5, 1.5, 2.5, 3.0]),
        "end_lr": _number(rng, 0.001, 0.1),
    }


def exponential(rng: Random) -> Recipe:
    """Return a decay without an end."""
    return {"schedule": "exponential", "gamma": _number(rng, 0.7, 0.95)}


def linear(rng: Random) -> Recipe:
    """Return a rise to a rate other than the base rate, which is then held."""
    first = _number(rng, 0.05, 0.4)
    last = _number(rng, 0.5, 0.9)
    steps = rng.randint(6, 14)
    return {"schedule": "linear", "start_factor": first, "end_factor": last, "total_iters": steps}


def constant(rng: Random) -> Recipe:
    """Return a fraction of the base rate, for longer than its turn in any composition."""
    return {"schedule": "constant", "factor": _number(rng, 0.1, 0.6), "total_iters": 100}


def stairs(rng: Random) -> Recipe:
    """Return a step decay with stairs longer than any shift."""
    return {"schedule": "step", "step_size": rng.randint(5, 9), "gamma": _number(rng, 0.2, 0.9)}


def milestones(rng: Random) -> Recipe:
    """Return two or three decays, further apart than any shift."""
    steps = [rng.randint(5, 8)]
    for _ in range(rng.randint(1, 2)):
        steps.append(steps[-1] + rng.randint(5, 8))
    return {"schedule": "multistep", "milestones": steps, "gamma": _number(rng, 0.2, 0.9)}


def pieces(rng: Random) -> Recipe:
    """Return two absolute rates, the first of which is above any base rate."""
    values = [_number(rng, 3.0, 4.0), _number(rng, 5.0, 6.0)]
    return {"schedule": "piecewise_constant", "boundaries": [3], "values": values}


def epochs(rng: Random) -> Recipe:
    """Return a decay once per epoch, with epochs longer than any shift."""
    member = rng.choice([exponential, polynomial])(rng)
    updates = rng.randint(5, 8)
    return {"schedule": "epochwise", "updates_per_epoch": updates, "in_epochs": member}


def restarts(rng: Random) -> Recipe:
    """Return cycles of equal length, or each two or three times as long as the previous one."""
    low, times = _number(rng, 0.001, 0.1), rng.randint(1, 3)
    first = rng.randint(4, 8)
    return {"schedule": "cosine_warm_restarts", "T_0": first, "T_mult": times, "eta_min": low}


Part = Callable[[Random], Recipe]
SMOOTH: tuple[Part, ...] = (cosine, polynomial, exponential)
STAIRS: tuple[Part, ...] = (stairs, milestones)


def one_of(*parts: Part) -> Maker:
    """Return a maker of one of *parts*, run past its end and two landmarks."""

    def make(rng: Random) -> tuple[Recipe, int]:
        return {**rng.choice(parts)(rng), "base_lr": base(rng)}, rng.randint(30, 60)

    return make


def sequence(first: tuple[Part, ...], last: tuple[Part, ...], **rest: Any) -> Maker:
    """Return a maker of a sequence of two members, the first longer than any shift."""

    def make(rng: Random) -> tuple[Recipe, int]:
        members = [rng.choice(first)(rng), rng.choice(last)(rng)]
        at = [rng.randint(4, 8)]
        return (
            {"schedule": "sequential", "schedules": members, "milestones": at, **rest}
            | {"base_lr": base(rng)},
            at[0] + rng.randint(16, 40),
        )

    return make


def warmup(*after: Part) -> Maker:
    """Return a maker of a linear warmup to the base rate, followed by one of *after*."""

    def make(rng: Random) -> tuple[Recipe, int]:
        steps, top = rng.randint(4, 8), base(rng)
        line = {"warmup_steps": steps, "start_lr": _number(rng, 0.0, 0.1)}
        following = rng.choice(after)(rng)
        return {
            "schedule": "linear_warmup",
            **line,
            "after": following,
            "base_lr": top,
        }, steps + rng.randint(16, 40)

    return make


def chain(first: tuple[Part, ...], second: tuple[Part, ...]) -> Maker:
    """Return a maker of a chain of two members, in either order."""

    def make(rng: Random) -> tuple[Recipe, int]:
        members = [rng.choice(first)(rng), rng.choice(second)(rng)]
        rng.shuffle(members)
        return {"schedule": "chained", "schedules": members, "base_lr": base(rng)}, 40

    return make


def any_of(*makers: Maker) -> Maker:
    """Return a maker that calls a randomly chosen one of *makers*."""
    return lambda rng: rng.choice(makers)(rng)


def binary(rng: Random) -> tuple[Recipe, int]:
    """Return a recipe of powers of two, whose curve is exact however it is computed."""
    half, size = rng.choice([0.5, 0.25, 2.0]), rng.choice([2, 4, 8])
    line = {"start_factor": rng.choice([0.25, 0.5]), "end_factor": 1.0, "total_iters": size}
    members = [
        {"schedule": "step", "step_size": rng.randint(1, 9), "gamma": half},
        {"schedule": "multistep", "milestones": [rng.randint(1, 9), 10], "gamma": half},
        {"schedule": "linear", **line},
        {"schedule": "exponential", "gamma": half},
    ]
    top = 2.0 ** rng.randint(-8, 3)
    if rng.random() < 0.5:
        return {**rng.choice(members), "base_lr": top}, rng.randint(12, 40)
    parts = {"schedules": rng.sample(members, 2), "milestones": [rng.randint(1, 9)]}
    return {"schedule": "sequential", **parts, "base_lr": top}, rng.randint(12, 40)


def forgetful_chain(rng: Random) -> tuple[Recipe, int]:
    """Return a decay before the trough of a cosine, run past it; or cycles, computed from the base rate."""
    decay = {"schedule": "multistep", "milestones": [rng.randint(2, 6)], "gamma": 0.5}
    members = [rng.choice([cosine, restarts])(rng), decay]
    rng.shuffle(members)
    return {"schedule": "chained", "schedules": members, "base_lr": base(rng)}, 40


def by_default(rng: Random) -> tuple[Recipe, int]:
    """Return a polynomial with only its length given."""
    steps = rng.randint(3, 30)
    return {"schedule": "polynomial", "total_iters": steps, "base_lr": base(rng)}, steps + 10


def nested(rng: Random) -> tuple[Recipe, int]:
    """Return a nested composition whose second member changes from its first step on."""
    members = [rng.choice([linear, constant])(rng), rng.choice(SMOOTH)(rng)]
    inner = {"schedule": "sequential", "schedules": members, "milestones": [rng.randint(4, 8)]}
    parts = {"schedules": [inner, rng.choice([stairs, linear])(rng)], "milestones": [14]}
    return {"schedule": "sequential", **parts, "base_lr": base(rng)}, 30


def pieces_first(rng: Random) -> tuple[Recipe, int]:
    """Return absolute rates, the first of which is not the base rate, then a decay from the base rate."""
    members = [pieces(rng), rng.choice([exponential, stairs])(rng)]
    sequence = {"schedule": "sequential", "schedules": members, "milestones": [rng.randint(5, 8)]}
    return {**sequence, "base_lr": base(rng)}, 30


def between_steps(rng: Random) -> tuple[Recipe, int]:
    """Return three milestones, one of them between two steps."""
    steps: list[float] = [rng.randint(3, 6), rng.randint(8, 12), rng.randint(14, 18)]
    steps[rng.randrange(3)] += 0.5
    decay = {"schedule": "multistep", "milestones": steps, "gamma": _number(rng, 0.2, 0.9)}
    return {**decay, "base_lr": base(rng)}, 30


def best_in_a_cooldown(rng: Random) -> tuple[Recipe, int]:
    """Return a plateau whose best metric falls in a cooldown, then metrics between the two bests."""
    patience, cooldown = rng.randint(0, 3), rng.randint(2, 5)
    fall = [9.0, 8.0, 7.0][: rng.randint(1, 3)]
    metrics = [*fall, *[9.5] * (patience + 1), 1.0, *[9.5] * (cooldown - 1)]
    metrics += [_number(rng, 2.0, 6.0)] * (3 * patience + 6)
    return _plateau(rng, patience, cooldown, metrics)


def nan_first(rng: Random) -> tuple[Recipe, int]:
    """Return a plateau whose first metric is NaN, then metrics that always improve."""
    metrics = [None, *sorted((_number(rng, 0.1, 9.0) for _ in range(24)), reverse=True)]
    return _plateau(rng, rng.randint(0, 4), rng.randint(0, 3), metrics)


def _plateau(rng: Random, patience: int, cooldown: int, metrics: list[Any]) -> tuple[Recipe, int]:
    given = {"factor": _number(rng, 0.1, 0.9), "patience": patience, "cooldown": cooldown}
    exact = {"threshold": 0.0, "eps": 0.0, "metrics": metrics}
    recipe = {"schedule": "reduce_on_plateau", **given, **exact, "base_lr": base(rng)}
    return recipe, len(metrics)


def cycles(rng: Random) -> tuple[Recipe, int]:
    """Return triangular cycles with a momentum that cycles inversely."""
    up, down = rng.randint(2, 9), rng.randint(2, 9)
    momenta = {"base_momentum": _number(rng, 0.5, 0.8), "max_momentum": _number(rng, 0.85, 0.99)}
    given = {"step_size_up": up, "step_size_down": down, "cycle_momentum": True, **momenta}
    return {"schedule": "cyclic", "max_lr": 3.0, **given, "base_lr": base(rng)}, 30
