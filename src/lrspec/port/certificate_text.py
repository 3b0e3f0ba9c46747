"""What a certificate says, in a few lines: what was run, how far, and how close the rates are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lrspec.engine.landmarks import end_is_known, first_without_value, span
from lrspec.port.original import Original
from lrspec.port.verification import Candidate
from lrspec.scenario.scenario_id import ScenarioId
from lrspec.spec.recipe import Recipe
from lrspec.verdict.results import Finding


def of_runs(candidate: Candidate, where: str) -> Iterator[str]:
    """Yield the lines on the runs of a source *where* they were made or predicted."""
    findings, worst = candidate.findings, candidate.mismatch
    if candidate.absent:
        yield f"not run: {candidate.absent}"
    errors = _errors(findings)
    distance = f"{errors} from {reference_of(candidate.recipe, candidate.original)}"
    if worst is None:
        yield f"certified {where}: {sum(f.updates for f in findings):,} updates"
        yield from _compared(findings)
        yield from _unreached(candidate)
        yield f"at most {distance}"
        if candidate.drifting:
            first = min(f.first_step or 0 for f in candidate.drifting)
            yield f"rounding errors that add up from step {first:g} on included"
    elif worst.verdict == "conforms":
        yield f"DIFFERS {where}, scenario {worst.scenario}: {distance}"
    else:
        yield f"DEPARTS {where}, scenario {worst.scenario}: {worst.explanation}"


def reference_of(recipe: Recipe, original: Original | None) -> str:
    """Return what the rates of a source were compared with, in words."""
    if recipe.dialect is None or original is None:
        return "the specification"
    return original.name


def on_the_end(recipe: Recipe, last: float) -> Iterator[str]:
    """Yield a line if a formula's end is not known, compared up to step *last*, or has no value."""
    if (end := first_without_value(recipe)) < math.inf:
        yield f"the formula has no value from step {end:,.0f} on"
    if not end_is_known(recipe):
        yield f"the formula's end is not known: compared up to step {last:,.0f}"


def largest(errors: Iterable[float | None]) -> float | None:
    """Return the largest of the errors that were measured, None if none was."""
    return max((error for error in errors if error is not None), default=None)


def _errors(findings: Sequence[Finding]) -> str:
    ulp = largest(finding.max_ulp_error for finding in findings)
    rel = largest(finding.max_rel_error for finding in findings)
    return "" if ulp is None else f"{ulp:.3g} ULP and {rel:.2g} of the peak"


def _compared(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield which updates were compared, and at which ones the run was saved and loaded."""
    scenarios = [finding.run.scenario for finding in findings]
    plain = {f.run.scenario: f.updates for f in findings if not f.run.scenario.variant}
    parts = [
        *_last(plain, "stepwise", "updates 0 to {:,}"),
        *_last(plain, "metrics", "updates 0 to {:,}, each with a metric"),
        *_last({one: one.step or 0 for one in plain}, "long", "a thousand updates up to {:,}"),
    ]
    telling = [one.variant for one in scenarios if one.name == "metrics" and one.variant]
    if telling:
        parts.append(
            f"metrics that tell implementations apart ({', '.join(dict.fromkeys(telling))})"
        )
    if any(one.name == "groups" for one in scenarios):
        parts.append("two parameter groups")
    yield f"compared: {'; '.join(parts)}"
    saved = sorted({one.step or 0 for one in scenarios if one.name == "resume_state"})
    if saved:
        yield f"saved and loaded at updates {', '.join(map(str, saved))}"


def _last(counts: Mapping[ScenarioId, int], name: str, text: str) -> Iterator[str]:
    """Yield *text* with the last update of the longest scenario called *name*, if there is one."""
    of_name = [count for scenario, count in counts.items() if scenario.name == name]
    if of_name:
        yield text.format(max(of_name) - 1)


def _unreached(candidate: Candidate) -> Iterator[str]:
    """Yield what the runs do not cover."""
    for kind, reason in candidate.backend.mode.uncertified.items():
        yield f"not under {kind}: {reason}"
    last = max((run.scenario.t.max() for run in candidate.runs), default=0)
    horizon = min(span(candidate.recipe), first_without_value(candidate.recipe) - 2)
    if last < horizon:
        yield f"no run reached the horizon, {horizon:,.0f} updates"
    yield from on_the_end(candidate.recipe, last)
