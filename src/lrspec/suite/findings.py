"""From what was seen of each run to its finding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from lrspec.codegen.reproducer import reproducer
from lrspec.engine.closed_form import Rates
from lrspec.runtime.observation import Observation
from lrspec.scenario.scenario import whole
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations
from lrspec.verdict.explain import Judgement, judge
from lrspec.verdict.results import Finding, Results, shown, window, write


def judged(runs: Sequence[Run], seen: Observations) -> Results:
    """Return the verdict on every run."""
    return Results(seen.versions, [finding(run, seen.by_run[run.id]) for run in runs])


def finding(run: Run, seen: Observation) -> Finding:
    """Return the verdict on one run, and what a report shows of it."""
    mode = run.backend.mode
    assumes = run.emitted.framework_defaults if run.emitted else {}
    judgement = judge(run.scenario, seen, run.backend.precision, mode.applied, assumes)
    difference = judgement.difference
    text = run.emitted.text if run.emitted else ""
    script = ""
    steps: list[Any] = []
    row: int | None = None
    differs = judgement.difference is not None or judgement.kind == "error raised"
    if judgement.verdict == "diverges" and judgement.expected is not None and differs:
        row = difference.first if difference else None
        row = len(seen.rates) if row is None else row
        observed = _shown(judgement, seen)
        steps = shown(list(map(whole, run.scenario.t.tolist())), judgement.expected, observed, row)
        first = window(row, len(run.scenario.t)).start
        rows = [(first + i, step, expected) for i, (step, expected, _) in enumerate(steps)]
        script = reproducer(text, run.backend, run.followed, rows, run.others, judgement.of)
    finite = difference is not None and np.isfinite(difference.max_abs)
    return Finding(
        run=run.id,
        case=run.case.id,
        description=run.case.description,
        recipe=run.scenario.recipe.to_dict(),
        schedule=run.case.recipe.kind,
        backend=run.backend.name,
        argument_form=run.argument_form,
        scenario=run.scenario.name,
        status=seen.status,
        verdict=judgement.verdict,
        kind=judgement.kind,
        first_step=judgement.first,
        extent=difference.count if difference else 0,
        updates=len(seen.rates),
        max_abs_error=difference.max_abs if difference and finite else None,
        max_rel_error=difference.max_rel if difference and finite else None,
        max_ulp_error=difference.max_ulp if difference and finite else None,
        explanation=judgement.explanation,
        source=text,
        reproducer=script,
        steps=steps,
        of=judgement.of,
        silent=judgement.silent,
        rules=[rule.name for rule in judgement.rules],
        tried=[(one.kind, one.misfit if isfinite(one.misfit) else None) for one in judgement.tried],
    )


def _shown(judgement: Judgement, seen: Observation) -> Rates:
    """Return what was seen of that which the judgement is of."""
    found = seen.applied if judgement.kind == "misreported" else seen.rates
    if judgement.of == "momentum":
        found = seen.momentum
    return np.zeros_like(seen.rates) if found is None else found


def write_results(folder: Path, runs: Sequence[Run], seen: Observations, results: Results) -> None:
    """Write `results.json` and the recorded traces, one file a backend, into *folder*."""
    write(folder / "results.json", results.to_json())
    for name in seen.versions:
        lines = [
            json.dumps({"run": run.id, **seen.by_run[run.id].to_record()})
            for run in runs
            if run.backend.name == name and seen.by_run[run.id].status != "unsupported"
        ]
        write(folder / "traces" / f"{name}.jsonl", "\n".join([*lines, ""]))
