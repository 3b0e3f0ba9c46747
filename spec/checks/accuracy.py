"""Measure how far the engine is from the exact rates: random recipes against the oracle.

    python spec/checks/accuracy.py --recipes 100000 --jobs 2

Writes the largest errors per schedule to `accuracy.json`, which docs/precision.md shows. Fails if an array of rates is further off than the
`accuracy` of its schedules, a single rate by more than half a unit in the last place, or if the
engine rejects a recipe of which every rate is finite.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import oracle
from oracle_formula import Undefined
from wide_recipes import steps_of, wide

from lrspec.engine import closed_form
from lrspec.engine.timeline import timeline
from lrspec.errors import BadInput
from lrspec.spec.recipe import Recipe
from lrspec.verdict.compare import largest_rate

DATA = Path(__file__).with_suffix(".json")
_PARTS = 100
#: A rate that lies halfway between two floats may be rounded to either.
_HALF = 0.5 + 1e-9


@dataclass(frozen=True)
class Errors:
    """The largest errors of some rates.

    `single` are those of one step at a time, in ULP. Those of arrays of steps are given in ULP
    (`ulp`), relative to the peak (`of_peak`), and relative to the bound of the recipe (`bound`).
    """

    recipes: int = 0
    rates: int = 0
    rejected: int = 0
    single: float = 0.0
    ulp: float = 0.0
    of_peak: float = 0.0
    bound: float = 0.0

    def __or__(self, other: Errors) -> Errors:
        counts = ("recipes", "rates", "rejected")
        pairs = {f.name: (getattr(self, f.name), getattr(other, f.name)) for f in fields(self)}
        return Errors(**{n: sum(p) if n in counts else max(p) for n, p in pairs.items()})


def errors(recipe: Recipe, steps: Sequence[int]) -> Errors:
    """Return the errors of the engine at *steps*; raises `AssertionError` for a wrong rejection."""
    exact = exact_rates(recipe, steps)
    try:
        singles = [float(closed_form.at(recipe, t)[0]) for t in steps]
        rates = closed_form.at(recipe, steps)[:, 0].tolist()
    except BadInput:
        rates = None
    assert (exact is None) == (rates is None), (
        "a finite rate is rejected, or one that is not finite is accepted"
    )
    if exact is None or rates is None:
        return Errors(recipes=1, rejected=1)
    peak = _peak(recipe, exact)
    off = [(t, _error(rate, x), ulp_of(x)) for t, rate, x in zip(steps, rates, exact, strict=True)]
    if any(error > allowed(recipe, t, ulp, peak) for t, error, ulp in off):
        peak = _peak(recipe, exact_rates(recipe, _before(steps)) or exact)
        off = [entry for entry in off if not underflows(recipe, entry[0], recipe.bases[0])]
    return Errors(
        recipes=1,
        rates=len(steps),
        single=max(_error(s, x) / ulp_of(x) for s, x in zip(singles, exact, strict=True)),
        ulp=max((error / ulp for _, error, ulp in off), default=0.0),
        of_peak=max((error / (peak or 1.0) for _, error, _ in off), default=0.0),
        bound=max((e / (allowed(recipe, t, ulp, peak) or 1.0) for t, e, ulp in off), default=0.0),
    )


def exact_rates(recipe: Recipe, steps: Sequence[int]) -> list[Any] | None:
    """Return the rates of *steps* with fifty digits; None if one of them is not a finite float."""
    document = recipe.to_dict()
    try:
        rates = [oracle.rate(document, t) for t in steps]
    except Undefined:
        return None
    return rates if all(math.isfinite(float(rate)) for rate in rates) else None


def ulp_of(exact: Any) -> float:
    """Return the unit in the last place of the float nearest to *exact*."""
    return math.ulp(float(exact))


def allowed(recipe: Recipe, t: int, ulp: float, peak: float) -> float:
    """Return the largest error of a rate of *recipe* in an array, as `accuracy` bounds it."""
    entry: Mapping[str, float] = recipe.schedule.document.get("accuracy", {})
    own = max(
        entry.get("ulp", 0.0) * ulp,
        entry.get("ulp_per_step", 0.0) * t * ulp,
        entry.get("of_peak", 0.0) * peak,
    )
    of_members = [allowed(member, t, ulp, peak) for member in recipe.members()]
    composition = recipe.schedule.composition
    if composition is not None and composition.kind == "chain":
        return sum(of_members)
    return max(own, *of_members, 0.0)


def underflows(recipe: Recipe, t: Any, base: Any) -> bool:
    """Return whether an intermediate rate of a chain is below the smallest float of full precision.

    The accuracy of such a rate is not bounded: the next member may enlarge it again.
    """
    line = timeline(recipe)
    if line.kind != "chain":
        part = line.parts[line.index_at(t)]
        return part.member is not None and underflows(part.member, part.local(t), base)
    for part in line.parts:
        assert part.member is not None
        if 0 < abs(base) < sys.float_info.min or underflows(part.member, t, base):
            return True
        base = oracle.rate(part.member.to_dict(), t, base)
    return False


def _error(rate: float, exact: Any) -> float:
    return float(abs(rate - exact))


def _peak(recipe: Recipe, exact: Iterable[Any]) -> float:
    return max(largest_rate(recipe), *(abs(float(rate)) for rate in exact))


def _before(steps: Sequence[int]) -> list[int]:
    """Return *steps* and steps before each of them, to find the peak of a cycle."""
    before = {t - 2**k for t in steps for k in range(54) if t >= 2**k}
    return sorted(before.union(steps))


def measure(seeds: Iterable[int]) -> dict[str, Errors]:
    """Return the largest errors per schedule, of one random recipe per seed."""
    table: dict[str, Errors] = {}
    for seed in seeds:
        rng = Random(seed)
        recipe = wide(rng)
        steps = steps_of(recipe, rng)
        try:
            found = errors(recipe, steps)
            assert found.single <= _HALF, f"a single rate is {found.single} ULP off"
            assert found.bound <= 1, f"an array is {found.bound} times its bound off"
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}: {recipe.to_dict()} at {steps}") from None
        table[recipe.kind] = table.get(recipe.kind, Errors()) | found
    return table


def main() -> None:
    """Write the largest errors per schedule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipes", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    parts = [range(part, options.recipes, _PARTS) for part in range(_PARTS)]
    table: dict[str, Errors] = {}
    with ProcessPoolExecutor(options.jobs) as pool:
        for part in pool.map(measure, parts):
            for kind, found in part.items():
                table[kind] = table.get(kind, Errors()) | found
    errors_by_kind = {kind: asdict(table[kind]) for kind in sorted(table)}
    document = {"numpy": np.__version__, "errors": errors_by_kind}
    DATA.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
