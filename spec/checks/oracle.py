"""The mathematics of the specification, written a second time: fifty digits, and nothing of lrspec.

It reads a recipe as JSON. Each function below is one schedule, from the summary and the rules of its
file. What it shares with the engine is the text of the specification, and the convention that what is
compared or rounded to a whole number is a double.
"""

from __future__ import annotations

import bisect
import json
import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from mpmath import mp, mpf
from oracle_formula import double, formula, power

mp.dps = 50

Values = Mapping[str, Any]
_FOLDER = Path(__file__).parents[1] / "schedules"
_PARAMETERS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))["parameters"]
    for path in sorted(_FOLDER.glob("*.json"))
}


def rate(recipe: Values, t: Any, base: Any = None) -> Any:
    """Return the rate of step *t* in the group whose base rate is *base*.

    Raises `Undefined` where a formula of the recipe divides by zero or has no real value.
    """
    kind, base = recipe["schedule"], mpf(recipe.get("base_lr", 1) if base is None else base)
    defaults = {n: p["default"] for n, p in _PARAMETERS[kind].items() if "default" in p}
    return mpf(_SCHEDULES[kind]({**defaults, **recipe}, mpf(t), base))


def _cosine(start: Any, end: Any, u: Any) -> Any:
    """Return end + (start − end)·(1 + cos πu)/2 without a difference that would lose digits."""
    return start * mp.cospi(u / 2) ** 2 + end * mp.sinpi(u / 2) ** 2


def _constant(r: Values, t: Any, base: Any) -> Any:
    return base * mpf(r["factor"]) if t < r["total_iters"] else base


def _linear(r: Values, t: Any, base: Any) -> Any:
    start, end, total = mpf(r["start_factor"]), mpf(r["end_factor"]), mpf(r["total_iters"])
    return base * (end if t >= total else start + (end - start) * t / total)


def _step(r: Values, t: Any, base: Any) -> Any:
    return base * mpf(r["gamma"]) ** int(mp.floor(t / r["step_size"]))


def _multistep(r: Values, t: Any, base: Any) -> Any:
    return base * mpf(r["gamma"]) ** sum(milestone <= t for milestone in r["milestones"])


def _piecewise_constant(r: Values, t: Any, _base: Any) -> Any:
    return r["values"][sum(boundary <= t for boundary in r["boundaries"])]


def _exponential(r: Values, t: Any, base: Any) -> Any:
    return base * power(mpf(r["gamma"]), t)


def _natural_exp(r: Values, t: Any, base: Any) -> Any:
    return base * mp.exp(-mpf(r["gamma"]) * t)


def _inverse_time(r: Values, t: Any, base: Any) -> Any:
    return base / (1 + mpf(r["gamma"]) * t)


def _inverse_sqrt(r: Values, t: Any, base: Any) -> Any:
    warmup = r["warmup_steps"]
    timescale = mpf(r.get("timescale", warmup or 10000))
    return base * (t / warmup if t < warmup else mp.sqrt(timescale / (t - warmup + timescale)))


def _noam(r: Values, t: Any, base: Any) -> Any:
    n, warmup = t + 1, mpf(r["warmup_steps"])
    return base / mp.sqrt(r["d_model"]) * min(1 / mp.sqrt(n), n / (warmup * mp.sqrt(warmup)))


def _polynomial(r: Values, t: Any, base: Any) -> Any:
    span, end = mpf(r["total_iters"]), mpf(r["end_lr"])
    if r["cycle"]:
        span *= max(1, mp.ceil(t / span))
    left = (span - min(t, span)) / span
    return end + (base - end) * left ** mpf(r["power"])


def _cosine_annealing(r: Values, t: Any, base: Any) -> Any:
    half, low = mpf(r["T_max"]), mpf(r["eta_min"])
    along = t - 2 * half * mp.floor(t / (2 * half))
    return _cosine(base, low, along / half)


def _cosine_decay(r: Values, t: Any, base: Any) -> Any:
    alpha, steps = mpf(r["alpha"]), mpf(r["decay_steps"])
    return base * _cosine(mpf(1), alpha, min(t, steps) / steps)


def _cosine_warm_restarts(r: Values, t: Any, base: Any) -> Any:
    first, factor, low, limit = r["T_0"], r["T_mult"], mpf(r["eta_min"]), r["restart_limit"]
    if factor == 1:
        cycle = int(mp.floor(t / first))
        start, length = cycle * first, first
    else:
        cycle, start, length = 0, 0, first
        while t >= start + length:
            cycle, start, length = cycle + 1, start + length, length * factor
    if limit and cycle >= limit:
        return low
    top = base * mpf(r["decay_rate"]) ** cycle
    return _cosine(top, low, (t - start) / length)


def _cyclic(r: Values, t: Any, base: Any) -> Any:
    up = r["step_size_up"]
    down = r.get("step_size_down", up)
    cycle = int(mp.floor(t / (up + down)))
    along = t - cycle * (up + down)
    height = along / up if along <= up else (up + down - along) / down
    match r["mode"]:
        case "triangular2":
            height = mp.ldexp(height, -cycle)
        case "exp_range":
            height = height and height * power(mpf(r["gamma"]), t)
        case "own":
            height *= formula(r["scale"], cycle + 1 if r["scale_mode"] == "cycle" else t)
    return base + (mpf(r["max_lr"]) - base) * height


def _one_cycle(r: Values, t: Any, _base: Any) -> Any:
    top, steps = mpf(r["max_lr"]), r["total_steps"]
    start = top / mpf(r["div_factor"])
    lowest = start / mpf(r["final_div_factor"])
    rise = mpf(r["pct_start"]) * steps
    points = [(mpf(1), start), (rise, top)]
    if r["three_phase"]:
        points.append((2 * rise - 1, start))
    points.append((mpf(steps), lowest))
    number = min(t + 1, mpf(steps))
    for (left, before), (right, after) in pairwise(points):
        last = (right, after) == points[-1]
        if last or number < double(right):
            done = (number - left) / (right - left) if right > left else mpf(0)
            cosine = r["anneal_strategy"] == "cos"
            return _cosine(before, after, done) if cosine else before + (after - before) * done
    raise AssertionError("the last phase has no end")


def _lambda(r: Values, t: Any, base: Any) -> Any:
    return base * formula(r["factor"], t)


#: The last product of each factor, with its step: steps are mostly asked for in ascending order.
_PRODUCTS: dict[str, tuple[int, Any]] = {}


def _multiplicative(r: Values, t: Any, base: Any) -> Any:
    step, product = _PRODUCTS.get(r["factor"], (0, mpf(1)))
    if step > t:
        step, product = 0, mpf(1)
    for later in range(step + 1, int(t) + 1):
        product *= formula(r["factor"], mpf(later))
    _PRODUCTS[r["factor"]] = int(t), product
    return base * product


def _reduce_on_plateau(r: Values, t: Any, base: Any) -> Any:
    lower = r["mode"] == "min"
    best, bad, cooling = math.inf if lower else -math.inf, 0, 0
    for update in range(int(t)):
        given = r["metrics"][min(update, len(r["metrics"]) - 1)]
        metric = math.nan if given is None else given
        by = -r["threshold"] if lower else r["threshold"]
        limit = best * (1 + by) if r["threshold_mode"] == "rel" else best + by
        better = metric < limit if lower else metric > limit
        best = metric if better else best
        bad = 0 if better or cooling else bad + 1
        cooling = max(cooling - 1, 0)
        if bad > r["patience"]:
            bad, cooling = 0, r["cooldown"]
            reduced = max(base * mpf(r["factor"]), mpf(r["min_lr"]))
            base = reduced if base - reduced > r["eps"] else base
    return base


def _linear_warmup(r: Values, t: Any, base: Any) -> Any:
    steps = mpf(r["warmup_steps"])
    if t >= steps:
        return rate(r["after"], t - steps, base) if "after" in r else base
    start, end = mpf(r["start_lr"]), mpf(r.get("end_lr", base))
    return start + (end - start) * t / steps


def _constant_warmup(r: Values, t: Any, base: Any) -> Any:
    if t < r["warmup_steps"]:
        return base * mpf(r["factor"])
    return rate(r["after"], t - r["warmup_steps"], base) if "after" in r else base


def _sequential(r: Values, t: Any, base: Any) -> Any:
    starts = [0, *r["milestones"]]
    index = bisect.bisect_right(starts, t) - 1
    return rate(r["schedules"][index], t - starts[index] * (r["time"] == "local"), base)


def _chained(r: Values, t: Any, base: Any) -> Any:
    for member in r["schedules"]:
        base = rate(member, t, base)
    return base


def _epochwise(r: Values, t: Any, base: Any) -> Any:
    return rate(r["in_epochs"], mp.floor(t / r["updates_per_epoch"]), base)


_SCHEDULES: dict[str, Callable[[Values, Any, Any], Any]] = {
    kind: globals()[f"_{kind}"] for kind in _PARAMETERS
}
