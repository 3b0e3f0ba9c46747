"""Run the planned runs: one worker process and one thread per backend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lrspec.errors import BackendAbsent
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.runtime.run_id import RunId
from lrspec.scenario.scenario import Scenario
from lrspec.suite.plan import Run


@dataclass(frozen=True)
class Observations:
    """What was observed of each run, and each backend's version (None where absent).

    `classes` are the scheduler classes that each backend exports.
    """

    by_run: Mapping[RunId, Observation]
    versions: Mapping[str, str | None]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def observe(
    runs: Sequence[Run],
    pythons: Mapping[str, str] | None = None,
    advance: Callable[[str], None] = lambda _: None,
    deadline: float | None = None,
) -> Observations:
    """Return what is observed of *runs*; *advance* is called after each, with its backend's title.

    *pythons* maps backends to interpreters; *deadline* is in seconds per run. An absent backend is
    an observation of each of its runs, not an exception.
    """
    by_backend: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_backend[run.backend.name].append(run)
    by_run: dict[RunId, Observation] = {}
    versions: dict[str, str | None] = {}
    classes: dict[str, tuple[str, ...]] = {}

    def work(of_backend: list[Run]) -> None:
        backend = of_backend[0].backend
        try:
            path, _ = interpreter(backend, pythons)
            with Worker(backend, path, deadline) as worker:
                versions[backend.name] = worker.version()
                classes[backend.name] = worker.classes
                for run in of_backend:
                    by_run[run.id] = observed(worker, run)
                    advance(backend.title)
        except BackendAbsent as reason:
            versions[backend.name] = None
            for run in of_backend:
                if run.id not in by_run:  # a worker may also fail to start again
                    by_run[run.id] = Observation("absent", str(reason))
                    advance(backend.title)

    with ThreadPoolExecutor(max_workers=max(len(by_backend), 1)) as pool:
        list(pool.map(work, by_backend.values()))
    return Observations(by_run, {name: versions[name] for name in by_backend}, classes)


def observed(worker: Worker, run: Run) -> Observation:
    """Return what *worker* observes of *run*.

    After a crash or a timeout the run is repeated once, in a new process, because an earlier run
    may have caused it.
    """
    if run.emitted is None:
        return Observation("unsupported", run.reason)
    scenario = run.followed
    question = Question(run.emitted.text, scenario.recipe.bases, scenario.actions, run.other_texts)
    answer = worker.ask(question)
    if answer.status in ("crashed", "timeout"):
        answer = worker.ask(question)
    observation = from_answer(answer)
    mismatch = mismatched(scenario, observation)
    return Observation("errored", f"the worker recorded {mismatch}") if mismatch else observation


def mismatched(scenario: Scenario, observation: Observation) -> str:
    """Return which part of *observation* is too large for a trace of *scenario*, "" if none is."""
    updates, groups = len(scenario.t), scenario.groups
    for name in ("reported", "applied", "momentum", "logged"):
        rows = getattr(observation, name)
        if rows is not None and not (len(rows) <= updates and 1 <= rows.shape[1] <= groups):
            size = f"{len(rows)} × {rows.shape[1]} numbers"
            return f"{size} as `{name}`, where there are {updates} updates × {groups} groups"
    return ""
