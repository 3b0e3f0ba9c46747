"""Certificates: what running a source in its framework showed, or evaluating it without one."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence

import numpy as np

from lrspec.bindings.backend import Backend
from lrspec.codegen.plain_function import functions_of, plain, rates_after, rates_of
from lrspec.engine.closed_form import Rates, momentum, trace
from lrspec.engine.state_machine import metric_at
from lrspec.port.result import Certificate
from lrspec.scenario.builders import expand, horizons
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.verdict.compare import compare
from lrspec.verdict.results import Finding

#: The largest error of a standalone source, in ULP: that of another order of operations.
MAX_ULP = 4.0


def mismatch(
    findings: Sequence[Finding], precision: str, ulp: float | None = None
) -> Finding | None:
    """Return the finding that differs most from the specification, None if all of them conform.

    Drift, which is more than rounding, is a mismatch. Where *ulp* is given, so is a larger error
    than that in a float64 trace, even if it is rounding.
    """
    mismatches = [finding for finding in findings if finding.verdict != "conforms"]
    mismatches += [finding for finding in findings if finding.difference == "drift"]
    if mismatches or precision != "float64" or ulp is None:
        return mismatches[0] if mismatches else None
    worst = max(findings, key=lambda f: f.max_ulp_error or 0.0, default=None)
    return worst if worst is not None and (worst.max_ulp_error or 0.0) > ulp else None


def by_framework(
    source: str,
    backend: Backend,
    version: str | None,
    findings: Sequence[Finding],
    ulp: float | None = None,
    *,
    unreached: int = 0,
    absent: str = "",
) -> Certificate:
    """Return the certificate of a source that was run in its framework, to within *ulp* if given.

    Without a *version* the findings are those that the framework's dialect predicts, and *absent*
    is the reason why it could not be run. *unreached* is the recipe's horizon in updates, if no run
    reached it.
    """
    worst = mismatch(findings, backend.precision, ulp)
    max_ulp = max((f.max_ulp_error for f in findings if f.max_ulp_error is not None), default=None)
    max_rel = max((f.max_rel_error for f in findings if f.max_rel_error is not None), default=None)
    updates = sum(finding.updates for finding in findings)
    scenarios = [finding.scenario for finding in findings]
    where = f"in {backend.name} {version}"
    if version is None:
        where = f"as predicted by the dialect of {backend.pins[0]}"
    errors = "" if max_ulp is None else f"{max_ulp:.3g} ULP and {max_rel:.2g} of the peak"
    if worst is None:
        text = (
            f"certified {where}: {updates} updates under {', '.join(scenarios)}, "
            f"at most {errors} from the specification"
        )
        for kind, reason in backend.mode.uncertified.items():
            text += f"; not under {kind}: {reason}"
        text += f"; no run reached the horizon, {unreached:,} updates" if unreached else ""
    elif worst.verdict == "conforms":
        text = f"DIFFERS {where}, scenario {worst.scenario}: {errors} from the specification"
    else:
        text = f"DEPARTS {where}, scenario {worst.scenario}: {worst.explanation}"
    return Certificate(
        backend.name,
        version,
        "framework" if version else "dialect",
        scenarios,
        updates,
        max_ulp,
        max_rel,
        worst is not None,
        *_signed(f"not run: {absent}; {text}" if absent else text, source),
    )


def by_engine(source: str, recipe: Recipe, backend: str, absent: str = "") -> Certificate:
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
    text = (
        f"{f'not run: {absent}; ' if absent else ''}{'DIFFERS' if diverges else 'certified'} "
        f"by lrspec's engine: {updates} steps, at most {ulp:.3g} ULP and {rel:.2g} of the peak "
        "from the specification"
    )
    finite = math.isfinite(rel)  # JSON has no infinity
    max_ulp, max_rel = (ulp, rel) if finite else (None, None)
    signed = _signed(text, source)
    return Certificate(backend, None, "engine", [], updates, max_ulp, max_rel, diverges, *signed)


def _signed(text: str, source: str) -> tuple[str, str]:
    """Return *text* with the digest of *source*, and the digest."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return f"{text}; sha256 {digest}", digest


def _evaluated(source: str, recipe: Recipe) -> list[tuple[int, Rates, Rates]]:
    """Return specified and evaluated rates with their number of steps: to the horizon, and later.

    The momentum is compared at the same steps, which are not counted twice.
    """
    steps = horizons(recipe)[1]
    expected = trace(recipe, steps)
    if recipe.schedule.machine is not None:
        metrics = [metric_at(recipe, t) for t in range(steps)]
        generator = source if "yield" in source else plain(recipe)
        return [(steps, expected, np.array(list(rates_after(generator, metrics))))]
    rates = _nan_on_error(rates_of(source, recipe), len(recipe.bases))
    evaluated = [(steps, expected, np.array([rates(t) for t in range(steps)]))]
    for scenario in expand(recipe, "long", steps):
        actual = np.array([rates(int(t)) for t in scenario.t])
        evaluated.append((len(scenario.t), scenario.expected, actual))
    expected_momentum = momentum(recipe, np.arange(steps))
    if expected_momentum is not None:
        function = functions_of(source)["momentum"]
        rows = [[function(t)] * len(recipe.bases) for t in range(steps)]
        evaluated.append((0, expected_momentum, np.array(rows)))
    return evaluated


def _nan_on_error(
    rates: Callable[[int], Sequence[float]], groups: int
) -> Callable[[int], Sequence[float]]:
    """Return *rates* with NaN where it raises."""

    def total(t: int) -> Sequence[float]:
        try:
            return rates(t)
        except (ArithmeticError, ValueError):
            return [math.nan] * groups

    return total
