"""Certificates: what running a printed source showed, or what the engine makes of it."""

from __future__ import annotations

import ast
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lrspec.bindings.backend import Backend
from lrspec.codegen.emit import Emitted, emit
from lrspec.codegen.plain_function import functions_of, plain, rates_of, walk_of
from lrspec.engine.closed_form import Rates, momentum, trace
from lrspec.engine.state_machine import metric_at
from lrspec.errors import Unsupported
from lrspec.scenario.builders import expand, horizons, past_the_end
from lrspec.scenario.scenario import Scenario, with_updates
from lrspec.spec.recipe import Recipe
from lrspec.spec.tolerance import tolerance_of
from lrspec.suite.cases import Case
from lrspec.suite.plan import Run
from lrspec.verdict.compare import compare
from lrspec.verdict.results import Finding

#: The style of a port in the framework's own classes.
NATIVE = "native"
#: What an exact source is held to beyond `rounding`: so close is another order of operations.
MOST_ULP = 4.0
_PLAIN = ("stepwise", "metrics")


@dataclass(frozen=True)
class Certificate:
    """What a check of the printed source showed.

    `checked_by` is `framework` where it was run there, `engine` where its functions were held
    against the specification without it, `ledger` where nothing but what is known of the framework
    speaks for it; `version` is None where the framework is absent. Errors are the largest of all
    scenarios, in ULP and relative to the peak rate. `sha256` is that of the source.
    """

    backend: str
    version: str | None
    checked_by: str
    scenarios: Sequence[str]
    updates: int
    max_ulp_error: float | None
    max_rel_error: float | None
    diverges: bool
    text: str
    sha256: str


def scenarios_of(case: Case, longest: int, *, thorough: bool) -> list[Scenario]:
    """Return the scenarios that a certificate rests on, none over more than *longest* steps.

    Without *thorough*: the longest run, and one resumed at a landmark.
    """
    recipe = case.recipe
    counts = [min(count, longest) for count in case.steps or horizons(recipe)]
    found = [d for n in dict.fromkeys(counts) for name in _PLAIN for d in expand(recipe, name, n)]
    resumed = [d for d in expand(recipe, "resume_state", counts[0]) if d.variant == "right"]
    if not thorough:
        return [found[-1], resumed[len(resumed) // 2]]
    grouped = expand(recipe, "groups", counts[0]) if len(recipe.bases) == 1 else []
    return [*found, *past_the_end(recipe, longest), *resumed, *grouped]


def runs_of(
    case: Case,
    backend: Backend,
    emitted: Emitted,
    argument_form: str,
    scenarios: Sequence[Scenario],
) -> list[Run]:
    """Return the runs of the very text of *emitted* under *scenarios*, as far as it follows them.

    Two parameter groups are driven where the text is the same for them. What the mode fails
    whatever is written tells nothing of the text, and is left out.
    """
    found = []
    for scenario in scenarios:
        if scenario.kind in {*emitted.unsupported_scenarios, *backend.mode.uncertified}:
            continue
        if scenario.kind == "groups" and not _serves(
            scenario.recipe, backend, emitted, argument_form
        ):
            continue
        followed = scenario if backend.mode.reported else with_updates(scenario)
        found.append(Run(case, backend, argument_form, followed, emitted))
    return found


def _serves(grouped: Recipe, backend: Backend, emitted: Emitted, argument_form: str) -> bool:
    """Tell whether the text of *emitted* is also that of *grouped*."""
    try:
        other = emit(grouped, backend, argument_form)
    except Unsupported:
        return False
    return code_of(other.text) == code_of(emitted.text)


def code_of(source: str) -> str:
    """Return what *source* does, without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)


def objection(
    findings: Sequence[Finding], precision: str, ulp: float | None = None
) -> Finding | None:
    """Return the finding that speaks most against a source, None where all is right.

    Drift, which is more than rounding, is one. Where *ulp* is given, a float64 trace that is
    further off is an objection too, be it rounding.
    """
    bad = [finding for finding in findings if finding.verdict != "conforms"]
    most = tolerance_of(precision).rounding
    bad += [f for f in findings if f.verdict == "conforms" and (f.max_rel_error or 0.0) > most]
    if bad or precision != "float64" or ulp is None:
        return bad[0] if bad else None
    worst = max(findings, key=lambda f: f.max_ulp_error or 0.0, default=None)
    return worst if worst is not None and (worst.max_ulp_error or 0.0) > ulp else None


def by_framework(
    source: str,
    backend: Backend,
    version: str,
    findings: Sequence[Finding],
    ulp: float | None = None,
    *,
    beyond: int = 0,
) -> Certificate:
    """Return the certificate of a source that was run in its framework, held to *ulp* if given.

    *beyond* is the recipe's horizon, where no run came to it.
    """
    against = objection(findings, backend.precision, ulp)
    most = max((f.max_ulp_error for f in findings if f.max_ulp_error is not None), default=None)
    rel = max((f.max_rel_error for f in findings if f.max_rel_error is not None), default=None)
    updates = sum(finding.updates for finding in findings)
    scenarios = [finding.scenario for finding in findings]
    where = f"{backend.name} {version}"
    errors = "" if most is None else f"{most:.3g} ULP and {rel:.2g} of the peak"
    if against is None:
        said = (
            f"certified in {where}: {updates} updates under {', '.join(scenarios)}, "
            f"at most {errors} from the specification"
        )
        for kind, because in backend.mode.uncertified.items():
            said += f"; not under {kind}: {because}"
        said += f"; no run came to the horizon, {beyond:,} updates" if beyond else ""
    elif against.verdict == "conforms":
        said = f"DIFFERS in {where}, scenario {against.scenario}: {errors} from the specification"
    else:
        said = f"DIVERGES in {where}, scenario {against.scenario}: {against.explanation}"
    return _certificate(
        source, backend.name, version, "framework", scenarios, updates, most, rel, against, said
    )


def by_ledger(source: str, backend: Backend, absent: str) -> Certificate:
    """Return the certificate of native source on a machine without its framework."""
    said = f"not run: {absent}; the ledger knows of no divergence under {backend.pins[0]}"
    return _certificate(source, backend.name, None, "ledger", [], 0, None, None, None, said)


def by_engine(source: str, recipe: Recipe, backend: str, absent: str = "") -> Certificate:
    """Return the certificate of an exact source whose functions are held against the reference.

    *absent* says why its framework could not be asked.
    """
    precision = tolerance_of("float64")
    worst = []
    for steps, expected, observed in _evaluated(source, recipe):
        difference = compare(expected, observed, precision)
        worst.append((difference.max_ulp, difference.max_rel, steps))
    ulp, rel = (max(found[i] for found in worst) for i in (0, 1))
    updates = sum(found[2] for found in worst)
    wrong = not (ulp <= MOST_ULP and rel <= precision.rounding)
    said = "not run: " + absent + "; " if absent else ""
    said += "DIFFERS" if wrong else "certified"
    said += (
        f" by lrspec's engine: {updates} steps, at most {ulp:.3g} ULP and {rel:.2g} of the peak "
        "from the specification"
    )
    against = wrong or None
    if not math.isfinite(rel):  # JSON has no word for it
        return _certificate(source, backend, None, "engine", [], updates, None, None, against, said)
    return _certificate(source, backend, None, "engine", [], updates, ulp, rel, against, said)


def _evaluated(source: str, recipe: Recipe) -> list[tuple[int, Rates, Rates]]:
    """Return the reference's and the source's rates: of a run past the horizon, and far beyond."""
    steps = horizons(recipe)[1]
    expected = trace(recipe, steps)
    if recipe.schedule.machine is not None:
        metrics = [metric_at(recipe, t) for t in range(steps)]
        generated = source if "yield" in source else plain(recipe)
        return [(steps, expected, np.array(list(walk_of(generated, metrics))))]
    rates = _total(rates_of(source, recipe), len(recipe.bases))
    found = [(steps, expected, np.array([rates(t) for t in range(steps)]))]
    for scenario in expand(recipe, "long", steps):
        far = np.array([rates(int(t)) for t in scenario.t])
        found.append((len(scenario.t), scenario.expected, far))
    moved = momentum(recipe, np.arange(steps))
    if moved is not None:
        one = functions_of(source)["momentum"]
        wide = [[one(t)] * len(recipe.bases) for t in range(steps)]
        found.append((0, moved, np.array(wide)))
    return found


def _total(
    rates: Callable[[int], Sequence[float]], groups: int
) -> Callable[[int], Sequence[float]]:
    """Return *rates* with NaN where it raises."""

    def of(t: int) -> Sequence[float]:
        try:
            return rates(t)
        except (ArithmeticError, ValueError):
            return [math.nan] * groups

    return of


def _certificate(
    source: str,
    backend: str,
    version: str | None,
    checked_by: str,
    scenarios: Sequence[str],
    updates: int,
    ulp: float | None,
    rel: float | None,
    against: object,
    said: str,
) -> Certificate:
    digest = hashlib.sha256(source.encode()).hexdigest()
    text = f"{said}; sha256 {digest}"
    wrong = against is not None
    return Certificate(
        backend, version, checked_by, scenarios, updates, ulp, rel, wrong, text, digest
    )
