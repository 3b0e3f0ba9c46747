"""Certificates: the results of running a source in its framework, or of evaluating it without."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from lrspec.codegen.framework_rates import is_closed
from lrspec.codegen.plain_function import functions_of, plain, rates_after, rates_of
from lrspec.dialect.rates import steps_of
from lrspec.engine.closed_form import Rates
from lrspec.engine.state_machine import metric_at
from lrspec.port.certificate_text import largest, of_runs, on_the_end, reference_of
from lrspec.port.original import Original
from lrspec.port.result import Certificate
from lrspec.port.verification import NATIVE, Candidate
from lrspec.scenario.builders import LONGEST, expand, horizons, telling_scenarios
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare

#: The largest error of a standalone source, in ULP: that of another order of operations.
MAX_ULP = 4.0


def certificate_of(candidate: Candidate) -> Certificate:
    """Return the certificate of a source, from its runs or, without a framework, its prediction."""
    source, backend = candidate.emitted.text, candidate.backend
    if candidate.version is not None:
        return _by_framework(candidate, "framework", f"in {backend.name} {candidate.version}")
    if candidate.style != NATIVE:
        recipe, original = candidate.recipe, candidate.original
        return by_engine(source, recipe, backend.name, original, candidate.absent)
    return _by_framework(candidate, "dialect", f"as predicted by the dialect of {backend.pins[0]}")


def _by_framework(candidate: Candidate, checked_by: str, where: str) -> Certificate:
    """Return the certificate of a source that was run in its framework, or predicted there."""
    findings = candidate.findings
    return _signed(
        candidate.emitted.text,
        of_runs(candidate, where),
        candidate.original,
        backend=candidate.backend.name,
        version=candidate.version,
        checked_by=checked_by,
        scenarios=[finding.scenario for finding in findings],
        updates=sum(finding.updates for finding in findings),
        max_ulp_error=largest(finding.max_ulp_error for finding in findings),
        max_rel_error=largest(finding.max_rel_error for finding in findings),
        diverges=candidate.mismatch is not None,
    )


def by_engine(
    source: str, recipe: Recipe, backend: str, original: Original | None = None, absent: str = ""
) -> Certificate:
    """Return the certificate of a standalone source, from the values of its functions.

    *absent* is the reason why it could not be run in its framework.
    """
    precision = tolerance_of("float64")
    evaluated = _evaluated(source, recipe)
    differences = [compare(expected, actual, precision) for _, expected, actual in evaluated]
    ulp = max(difference.max_ulp for difference in differences)
    rel = max(difference.max_rel for difference in differences)
    updates = sum(steps for steps, _, _ in evaluated)
    agree = all(difference.kind in ("exact", "rounding") for difference in differences)
    diverges = not (ulp <= MAX_ULP and agree)
    lines = [
        *([f"not run: {absent}"] if absent else []),
        f"{'DIFFERS' if diverges else 'certified'} by lrspec's engine: {updates:,} steps",
        *on_the_end(recipe, max(steps for steps, _, _ in evaluated) - 1),
        f"at most {ulp:.3g} ULP and {rel:.2g} of the peak from {reference_of(recipe, original)}",
    ]
    finite = math.isfinite(rel)  # JSON has no infinity
    return _signed(
        source,
        lines,
        original,
        backend=backend,
        checked_by="engine",
        updates=updates,
        max_ulp_error=ulp if finite else None,
        max_rel_error=rel if finite else None,
        diverges=diverges,
    )


def _signed(
    source: str, lines: Iterable[str], original: Original | None, **fields: Any
) -> Certificate:
    """Return a certificate whose text is *lines*, the last of which is the digest of *source*.

    Before that one it says how the *original* departs from the specification.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()
    departs = original.departs if original is not None else None
    sentences = [] if departs is None else [departs.sentence]
    known = None if departs is None else departs.to_dict()
    text = "\n  ".join([*lines, *sentences, f"sha256 {digest}"])
    return Certificate(text=text, sha256=digest, departs=known, **fields)


def _evaluated(source: str, recipe: Recipe) -> list[tuple[int, Rates, Rates]]:
    """Return specified and evaluated rates with their number of steps: to the horizon, and later.

    The momentum is compared at the same steps, which are not counted twice.
    """
    meant = steps_of(recipe, range(horizons(recipe)[1]))
    steps, groups, expected = len(meant.rates), len(recipe.bases), meant.rates
    if recipe.schedule.machine is not None:
        generator = source if "yield" in source else plain(recipe)
        telling = telling_scenarios(recipe, LONGEST)
        recipes = [(recipe, steps), *((scenario.recipe, len(scenario.t)) for scenario in telling)]
        return [
            (
                count,
                steps_of(one, range(count)).rates,
                np.array(list(rates_after(generator, _metrics(one, count)))),
            )
            for one, count in recipes
        ]
    if not is_closed(recipe):
        rates_of_steps = functions_of(source if "yield" in source else plain(recipe))["rates"]
        return [(steps, expected, np.array([*islice(rates_of_steps(), steps)])[:, None])]
    rates_at = rates_of(source, recipe)

    def rates(t: float) -> Sequence[float]:
        try:
            return rates_at(int(t))
        except (ArithmeticError, ValueError):  # where NumPy's result is infinite or NaN
            return [math.nan] * groups

    evaluated = [(steps, expected, np.array([rates(t) for t in range(steps)]))]
    for scenario in expand(recipe, "long", steps) if recipe.dialect is None else []:
        actual = np.array([rates(t) for t in scenario.t])
        evaluated.append((len(scenario.t), scenario.expected, actual))
    if meant.momentum is not None:
        function = functions_of(source)["momentum"]
        rows = [[function(t)] * groups for t in range(steps)]
        evaluated.append((0, meant.momentum, np.array(rows)))
    return evaluated


def _metrics(recipe: Recipe, count: int) -> list[float]:
    return [metric_at(recipe, t) for t in range(count)]
