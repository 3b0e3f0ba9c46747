"""From the observation of each run to its finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path

from lrspec.codegen.reproducer import reproducer
from lrspec.dialect.dialect import Departure, dialect_of
from lrspec.dialect.prediction import Prediction, predict
from lrspec.errors import BadInput
from lrspec.runtime import records
from lrspec.runtime.observation import Observation, Rate
from lrspec.runtime.run_id import RunId
from lrspec.scenario.builders import expand, horizons
from lrspec.scenario.scenario import whole
from lrspec.suite.parallel import mapped
from lrspec.suite.plan import Run
from lrspec.suite.run import Observations
from lrspec.verdict.files import write_together
from lrspec.verdict.judge import NOTHING_KNOWN, against_specification, judge
from lrspec.verdict.judgement import Judgement, Precision
from lrspec.verdict.results import Finding, Results, shown, window

#: What `lrspec report` makes of the results.
REPORTS = ("divergences.md", "index.html")
#: How many times the length of a plain run is searched for departures after its end.
_FARTHER = 4


def results_of(runs: Sequence[Run], observations: Observations) -> Results:
    """Return the verdict on every run."""
    versions = observations.versions

    def judged(run: Run) -> Finding:
        return finding(run.of(versions[run.backend.name]), observations.by_run[run.id])

    findings = mapped(judged, runs)
    digest = records.digest(observations.versions, _recorded(runs, observations))
    return Results(observations.versions, findings, digest)


def finding(run: Run, observation: Observation) -> Finding:
    """Return the verdict on one run, and what a report shows of it."""
    judgement = judge(run.scenario, observation, _precision(run), predicted(run), known(run))
    plain = run.case.own and run.scenario.id.name == "stepwise"
    if plain and judgement.verdict == "conforms":
        judgement = replace(judgement, explanation=judgement.explanation or _later(run))
    return _finding(run, observation, judgement)


def _later(run: Run) -> str:
    """Return what is known to depart after the end of a plain run; empty if nothing is."""
    steps, recipe = len(run.scenario.t), run.scenario.recipe
    (longer,) = expand(recipe, "stepwise", max(_FARTHER * steps, horizons(recipe)[1]))
    try:
        later = predicted_finding(replace(run, scenario=longer))
    except BadInput:  # the specification has no finite rate there
        return ""
    if later.verdict != "departs" or later.first_step is None or later.first_step < steps:
        return ""
    departs = f"departs at step {later.first_step}: {later.explanation}"
    return f"Conforms up to step {steps - 1}; {departs}"


def predicted_finding(run: Run) -> Finding:
    """Return the verdict that *run* has if its framework does what is predicted.

    The run is not made. The status is `absent` if the framework has no dialect.
    """
    prediction = predicted(run)
    if prediction is None:
        return finding(run, Observation("absent", "its framework has no dialect"))
    observation = Observation(
        status=prediction.status,
        reason=prediction.text,
        reported=prediction.reported,
        applied=prediction.applied,
        error=prediction.text or None,
        momentum=prediction.momentum,
        logged=prediction.logged,
        state=prediction.state,
    )
    judgement = against_specification(
        run.scenario, observation, _precision(run), prediction, known(run)
    )
    return _finding(run, observation, judgement)


def known(run: Run) -> Mapping[str, Departure]:
    """Return the known departures of the framework of *run*."""
    dialect = dialect_of(run.backend)
    return dialect.departures if dialect else NOTHING_KNOWN


def _precision(run: Run) -> Precision:
    return Precision(run.backend.precision, run.backend.mode.applied)


def _finding(run: Run, observation: Observation, judgement: Judgement) -> Finding:
    difference = judgement.difference
    measured = difference if difference is not None and isfinite(difference.max_abs) else None
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
        departures=judgement.departures,
        difference=difference.kind if difference else None,
        form=judgement.form,
        first_step=judgement.first,
        extent=difference.count if difference else 0,
        updates=len(observation.rates),
        max_abs_error=measured.max_abs if measured else None,
        max_rel_error=measured.max_rel if measured else None,
        max_ulp_error=measured.max_ulp if measured else None,
        explanation=judgement.explanation,
        source=run.emitted.text if run.emitted else "",
        reproducer=_script(run, judgement),
        steps=_steps(run, judgement),
        of=judgement.of,
        rules=[rule.name for rule in judgement.rules],
    )


def predicted(run: Run) -> Prediction | None:
    """Return what the framework's dialect predicts of *run*, None if there is no prediction.

    A dialect covers the framework's own classes, not standalone source.
    """
    sources = () if run.emitted is None else (run.emitted, *run.others)
    trees = [source.tree for source in sources if source.tree is not None]
    if not trees or len(trees) < len(sources):
        return None
    scenario = run.followed
    return predict(run.backend, trees, scenario.recipe.bases, scenario.actions)


def _steps(
    run: Run, judgement: Judgement
) -> Sequence[tuple[float, Sequence[Rate], Sequence[Rate]]]:
    """Return the steps around the first that differs; none where the run conforms."""
    row, expected, actual = judgement.row, judgement.expected, judgement.actual
    if judgement.verdict == "conforms" or row is None or expected is None or actual is None:
        return []
    return shown(list(map(whole, run.scenario.t.tolist())), expected, actual, row)


def _script(run: Run, judgement: Judgement) -> str:
    """Return the script that shows the steps around the first that differs."""
    row, expected = judgement.row, judgement.expected
    if judgement.verdict == "conforms" or row is None or expected is None or run.emitted is None:
        return ""
    rows = [(i, whole(run.scenario.t[i]), expected[i].tolist()) for i in window(row, len(expected))]
    texts = run.other_texts
    of = "momentum" if judgement.of == "momentum" else "rate"
    return reproducer(run.emitted.text, run.backend, run.followed, rows, texts, of) if rows else ""


def write_results(
    folder: Path, runs: Sequence[Run], observations: Observations, results: Results
) -> None:
    """Write `results.json` and the recorded traces, one file per backend, into *folder*.

    The files of an earlier run are removed, its reports among them.
    """
    write_run(folder, results, _recorded(runs, observations))


def write_run(
    folder: Path, results: Results, recorded: Sequence[tuple[RunId, Observation]]
) -> None:
    """Write the files of a run, whose observations are *recorded*, as `write_results` does."""
    traces = {
        f"traces/{name}.jsonl": records.lines(
            [pair for pair in recorded if pair[0].backend == name], results.run
        )
        for name in results.versions
    }
    files = {**traces, "results.json": results.to_json()}
    write_together(folder, files, replaced=("traces/*.jsonl", *REPORTS))


def _recorded(runs: Sequence[Run], observations: Observations) -> list[tuple[RunId, Observation]]:
    """Return the observation of each run that the framework supports."""
    pairs = ((run.id, observations.by_run[run.id]) for run in runs)
    return [pair for pair in pairs if pair[1].status != "unsupported"]
