"""From what was observed of each run to its finding."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from lrspec.codegen.reproducer import reproducer
from lrspec.engine.closed_form import Rates
from lrspec.runtime import records
from lrspec.runtime.observation import Observation, Rate
from lrspec.scenario.scenario import whole
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations
from lrspec.verdict.explain import Judgement, judge
from lrspec.verdict.results import Finding, Results, shown, window, write


def results_of(runs: Sequence[Run], observations: Observations) -> Results:
    """Return the verdict on every run."""
    findings = [finding(run, observations.by_run[run.id]) for run in runs]
    return Results(observations.versions, findings)


def finding(run: Run, observation: Observation) -> Finding:
    """Return the verdict on one run, and what a report shows of it."""
    assumes = run.emitted.framework_defaults if run.emitted else {}
    applied = run.backend.mode.applied
    judgement = judge(run.scenario, observation, run.backend.precision, applied, assumes)
    difference = judgement.difference
    row = _first_row(judgement, observation)
    measured = difference if difference is not None and np.isfinite(difference.max_abs) else None
    return Finding(
        case=run.case.id,
        backend=run.backend.name,
        argument_form=run.argument_form,
        scenario=str(run.scenario.id),
        description=run.case.description,
        recipe=run.scenario.recipe.to_dict(),
        schedule=run.case.recipe.kind,
        status=observation.status,
        verdict=judgement.verdict,
        kind=judgement.kind,
        first_step=judgement.first,
        extent=difference.count if difference else 0,
        updates=len(observation.rates),
        max_abs_error=measured.max_abs if measured else None,
        max_rel_error=measured.max_rel if measured else None,
        max_ulp_error=measured.max_ulp if measured else None,
        explanation=judgement.explanation,
        source=run.emitted.text if run.emitted else "",
        reproducer="" if row is None else _script(run, judgement, row),
        steps=[] if row is None else _steps(run, judgement, observation, row),
        of=judgement.of,
        silent=judgement.silent,
        rules=[rule.name for rule in judgement.rules],
        tried=[(one.kind, one.misfit if isfinite(one.misfit) else None) for one in judgement.tried],
    )


def _first_row(judgement: Judgement, observation: Observation) -> int | None:
    """Return the row at which a divergence shows, None where there is none to show."""
    if judgement.verdict != "diverges" or judgement.expected is None:
        return None
    if judgement.difference is not None and judgement.difference.first is not None:
        return judgement.difference.first
    shows = judgement.difference is not None or judgement.kind == "error raised"
    return len(observation.rates) if shows else None


def _steps(
    run: Run, judgement: Judgement, observation: Observation, row: int
) -> Sequence[tuple[float, Sequence[Rate], Sequence[Rate]]]:
    assert judgement.expected is not None  # noqa: S101 - or there is no row
    t = list(map(whole, run.scenario.t.tolist()))
    return shown(t, judgement.expected, _compared(judgement, observation), row)


def _compared(judgement: Judgement, observation: Observation) -> Rates:
    """Return the observed rates, or the momentum, that the judgement is of."""
    rates = observation.applied if judgement.kind == "misreported" else observation.rates
    if judgement.of == "momentum":
        rates = observation.momentum
    return np.zeros_like(observation.rates) if rates is None else rates


def _script(run: Run, judgement: Judgement, row: int) -> str:
    """Return the script that shows the rows around *row*."""
    assert judgement.expected is not None  # noqa: S101 - or there is no row
    text = run.emitted.text if run.emitted else ""
    rows = [
        (i, whole(run.scenario.t[i]), judgement.expected[i].tolist())
        for i in window(row, len(judgement.expected))
    ]
    return reproducer(text, run.backend, run.followed, rows, run.other_texts, judgement.of)


def write_results(
    folder: Path, runs: Sequence[Run], observations: Observations, results: Results
) -> None:
    """Write `results.json` and the recorded traces, one file a backend, into *folder*."""
    write(folder / "results.json", results.to_json())
    for name in observations.versions:
        of_backend = (
            (run.id, observations.by_run[run.id]) for run in runs if run.backend.name == name
        )
        text = records.lines(pair for pair in of_backend if pair[1].status != "unsupported")
        write(folder / "traces" / f"{name}.jsonl", text)
