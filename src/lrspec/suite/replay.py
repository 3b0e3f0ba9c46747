"""Replay: the verdicts on recorded traces, without running any framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrspec.bindings.backend import Backend
from lrspec.errors import BadInput, located
from lrspec.runtime import records
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario_id import Selector
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case, case_of, cases
from lrspec.suite.findings import finding
from lrspec.suite.parallel import mapped
from lrspec.suite.plan import Run, parsed, plan
from lrspec.suite.run import mismatched
from lrspec.verdict import results
from lrspec.verdict.results import Finding, Results


@dataclass(frozen=True)
class Recorded:
    """What a run left in *folder*: its results, and each backend's observations.

    `own` are the cases of a user's own recipes, with the scenarios that were requested.
    """

    folder: Path
    results: Results
    by_backend: Mapping[str, Mapping[RunId, Observation]]
    own: Sequence[Case] = ()

    @property
    def sources(self) -> dict[RunId, str]:
        """The source text of each run that has a verdict."""
        return {finding.run: finding.source for finding in self.results.findings}


@dataclass(frozen=True)
class Replay:
    """The verdicts on recorded runs.

    `complaints` name, in a line each, what was not judged: runs that are recorded and not planned,
    planned and not recorded, or recorded with another source. `whole` is whether the results
    contain all recorded ones, so that they may replace them.
    """

    results: Results
    complaints: Sequence[str]
    whole: bool


def read(folder: Path, names: Sequence[str] = ()) -> Recorded:
    """Return what the run in *folder* left of the backends called *names*, of all if none is named.

    Raises `BadInput` where a file is missing or of another form.
    """
    recorded = results.read(folder / "results.json")
    wanted = [name for name in recorded.versions if name in names or not names]
    records.check_run(folder, recorded.run)
    by_backend = {name: records.read(folder / "traces" / f"{name}.jsonl") for name in wanted}
    for name, observations in by_backend.items():
        with located(folder / "traces" / f"{name}.jsonl"):
            _check_lengths(observations)
    try:
        own = _own_cases(recorded.findings)
    except BadInput as error:
        raise error.in_file(str(folder / "results.json")) from error
    return Recorded(folder, recorded, by_backend, own)


def _check_lengths(observations: Mapping[RunId, Observation]) -> None:
    """Raise `BadInput` for a whole trace that is shorter than its scenario says.

    It costs little to claim many steps, and much to predict them.
    """
    for run, observation in observations.items():
        claimed, rows = run.scenario.step or 0, len(observation.rates)
        whole = observation.status == "trace" and observation.error is None
        if run.scenario.name in ("stepwise", "metrics", "groups") and whole and rows < claimed:
            raise BadInput(str(run), f"{rows} rows", f"{claimed:,}, one per step")


def _own_cases(findings: Sequence[Finding]) -> list[Case]:
    """Return the cases of a user's own recipes among *findings*, as they were requested."""
    suite = {case.id for case in cases()}
    by_case: dict[str, list[Finding]] = {}
    for entry in findings:
        if entry.case not in suite:
            by_case.setdefault(entry.case, []).append(entry)
    return [_own_case(name, members) for name, members in by_case.items()]


def _own_case(name: str, findings: Sequence[Finding]) -> Case:
    ids = list(dict.fromkeys(entry.run.scenario for entry in findings))
    steps = [s.step for s in ids if s.name in ("stepwise", "metrics") and s.step is not None]
    grouped = [entry.run.scenario.name == "groups" for entry in findings]
    plain = findings[grouped.index(False)] if False in grouped else findings[0]
    return Case(
        id=name,
        description="",
        recipe=from_dict(plain.recipe),  # the one of two groups has a rate more
        steps=tuple(steps) or None,
        scenarios=tuple(Selector(s.name, s.step, s.variant) for s in ids),
        representative=True,
        own=True,
    )


def replay(
    recorded: Recorded,
    backends: Sequence[Backend],
    sources: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    steps: int | None = None,
) -> Replay:
    """Return the verdict on each recorded run of *backends*, narrowed as `plan` narrows it.

    *sources* are recipes, or ids of the suite's cases; without any it is the whole suite.
    """
    by_backend, versions = recorded.by_backend, recorded.results.versions
    planned = _planned(recorded, backends, sources, scenarios, steps)
    runs = [run for run in planned if run.backend.name in by_backend]
    supported = [run.id for run in runs if run.emitted is not None]
    chosen = {run.case.id for run in planned} if sources else set()
    left_out, unplanned = _not_planned(recorded, {*supported}, chosen, scenarios)
    unrecorded = [run for run in supported if run not in by_backend[run.backend]]
    texts = recorded.sources
    stale = [run.id for run in runs if _is_stale(run, recorded, texts)]
    lost = {*unrecorded, *stale}
    judged = {run.backend.name: versions[run.backend.name] for run in runs}
    complaints = [
        *(
            f"{backend.name}: planned, and no run of it is recorded"
            for backend in backends
            if backend.name not in by_backend
        ),
        *(f"{run}: planned, and not recorded" for run in unrecorded),
        *(f"{run}: recorded with another source" for run in stale),
        *(f"{run}: recorded, and not planned any more" for run in unplanned),
    ]
    kept = [run for run in runs if run.id not in lost]
    findings = mapped(lambda run: _finding(run, recorded), kept)
    whole = not (left_out or stale or set(versions) - set(judged))
    return Replay(Results(judged, findings, recorded.results.run), complaints, whole)


def _planned(
    recorded: Recorded,
    backends: Sequence[Backend],
    sources: Sequence[str],
    scenarios: Sequence[str],
    steps: int | None,
) -> list[Run]:
    if not sources and recorded.own:
        return [
            run
            for case in recorded.own
            for run in plan([case], backends, scenarios, steps or _only(case.steps))
        ]
    if not sources:
        return plan(cases(), backends, scenarios, steps)
    suite = {case.id: case for case in cases()}
    recorded_cases = {run.case for run in _runs(recorded)}
    runs: list[Run] = []
    for source in sources:
        names = [name for name in (source, f"recipes/{source}") if name in suite]
        if names and not (source in recorded_cases and source not in suite):
            runs += plan([suite[names[0]]], backends, scenarios, steps)
        else:
            runs += plan([case_of(source)], backends, scenarios, steps, misuse=bool(scenarios))
    return runs


def _only(steps: Sequence[int] | None) -> int | None:
    """Return the number of steps that was requested, None if there were several."""
    return steps[0] if steps and len(steps) == 1 else None


def _runs(recorded: Recorded) -> Iterator[RunId]:
    return (run for observations in recorded.by_backend.values() for run in observations)


def _not_planned(
    recorded: Recorded, planned: set[RunId], chosen: set[str], scenarios: Sequence[str]
) -> tuple[list[RunId], list[RunId]]:
    """Return the recorded runs that are not selected now, and those that are no longer planned.

    *chosen* are the selected cases and *scenarios* the selected scenarios; all, if none is named.
    """
    selectors = parsed(scenarios)
    left_out: list[RunId] = []
    unplanned: list[RunId] = []
    for run in _runs(recorded):
        if run in planned:
            continue
        selected = not selectors or any(one.selects(run.scenario) for one in selectors)
        narrowed = (chosen and run.case not in chosen) or not selected
        (left_out if narrowed else unplanned).append(run)
    return left_out, unplanned


def _is_stale(run: Run, recorded: Recorded, sources: Mapping[RunId, str]) -> bool:
    """Return whether the recorded *run* had another source text."""
    if run.emitted is None or run.id not in recorded.by_backend[run.backend.name]:
        return False
    return sources.get(run.id, run.emitted.text) != run.emitted.text


def _finding(run: Run, recorded: Recorded) -> Finding:
    """Return the verdict on one recorded run; raises `BadInput` where the trace is not of it."""
    if run.emitted is None:
        return finding(run, Observation("unsupported", run.reason))
    name = run.backend.name
    run = run.of(recorded.results.versions[name])
    observation = recorded.by_backend[name][run.id]
    mismatch = mismatched(run.scenario, observation)
    if mismatch:
        path = recorded.folder / "traces" / f"{name}.jsonl"
        raise BadInput(str(run.id), mismatch, "a trace of this run", str(path))
    return finding(run, observation)
