"""Asking the workers of all backends side by side, one process and one thread a backend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lrspec.errors import BackendAbsent
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation, from_answer
from lrspec.runtime.process import Question, Worker
from lrspec.suite.plan import Run


@dataclass(frozen=True)
class Observations:
    """What was seen of each run, by its id, and each backend's version (None where absent).

    `classes` are the scheduler classes that each backend exports.
    """

    by_run: Mapping[str, Observation]
    versions: Mapping[str, str | None]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def observe(
    runs: Sequence[Run],
    pythons: Mapping[str, str] | None = None,
    advance: Callable[[], None] = lambda: None,
    deadline: float | None = None,
) -> Observations:
    """Return what is seen of *runs*; *advance* is called after each.

    *pythons* maps backends to interpreters; *deadline* is in seconds a run. An absent backend is
    an observation of each of its runs, not an exception.
    """
    by_backend: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_backend[run.backend.name].append(run)
    seen: dict[str, Observation] = {}
    versions: dict[str, str | None] = {}
    classes: dict[str, tuple[str, ...]] = {}

    def work(mine: list[Run]) -> None:
        backend = mine[0].backend
        try:
            path, _ = interpreter(backend, pythons)
            with Worker(backend, path, deadline) as worker:
                versions[backend.name] = worker.version()
                classes[backend.name] = worker.classes
                _observe(worker, mine, seen, advance)
        except BackendAbsent as reason:
            versions[backend.name] = None
            for run in mine:
                if run.id not in seen:  # a worker may also fail to come back
                    seen[run.id] = Observation("absent", str(reason))
                    advance()

    with ThreadPoolExecutor(max_workers=max(len(by_backend), 1)) as pool:
        list(pool.map(work, by_backend.values()))
    return Observations(seen, {name: versions[name] for name in by_backend}, classes)


def _observe(
    worker: Worker, runs: list[Run], seen: dict[str, Observation], advance: Callable[[], None]
) -> None:
    for run in runs:
        seen[run.id] = answered(worker, run)
        advance()


def answered(worker: Worker, run: Run) -> Observation:
    """Return what *worker* says of *run*, after a crash or a hang what a fresh one says.

    What a fresh process does not repeat came from the process's past, not from the question.
    """
    if run.emitted is None:
        return Observation("unsupported", run.reason)
    scenario = run.followed
    question = Question(run.emitted.text, scenario.recipe.bases, scenario.actions, run.others)
    answer = worker.ask(question)
    if answer["status"] in ("crashed", "timeout"):
        answer = worker.ask(question)
    return from_answer(answer)
