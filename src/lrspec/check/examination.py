"""Check a recipe or a scheduler in the frameworks that the user has installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lrspec.bindings.backend import Backend, frameworks
from lrspec.bindings.document import EXPLICIT
from lrspec.check.result import Check, Examined
from lrspec.check.training_loop import Trap, traps, traps_in
from lrspec.codegen.emit import Emitted, emit
from lrspec.engine.horizon import warnings
from lrspec.engine.landmarks import landmarks
from lrspec.errors import BackendAbsent, Unsupported, located
from lrspec.importers.scheduler import Read
from lrspec.importers.user_file import framework_of, is_in_file, read_in, read_without_running
from lrspec.json_input import read_bytes
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.scenario.builders import LONGEST
from lrspec.scenario.own_run import longest_run, own_run, run_length
from lrspec.scenario.scenario import ActionList, Scenario
from lrspec.spec.recipe import Recipe, load
from lrspec.suite.cases import Case
from lrspec.suite.departing import run_warning
from lrspec.suite.findings import finding, predicted, predicted_finding
from lrspec.suite.plan import Run
from lrspec.suite.run import observed

_WITH_OPTIMIZER = 100  # saved at a later step, a run steps the scheduler alone
_AFTER = 12  # steps after loading
_MISUSES = ("built-late", "scheduler-only")


@dataclass(frozen=True)
class _Runs:
    """The runs of one recipe: the plain one, those that are saved and loaded, and misuses.

    `predicted` is the plain run of a framework that is absent, of at most `LONGEST` steps.
    """

    plain: Scenario
    predicted: Scenario
    resumed: tuple[Scenario, ...]
    misused: tuple[Scenario, ...]


def check(target: str, steps: int | None, pythons: Mapping[str, str]) -> Check:
    """Return what is found of *target* over *steps* steps, by default over its own run.

    A recipe is run in each framework that is installed, a scheduler in its own. If that is absent,
    its file is read without running it. Raises `BadInput` for a target that cannot be read, and
    `BackendAbsent` for an interpreter that *pythons* names and that does not have the framework.
    """
    if is_in_file(target):
        return _check_scheduler(target, steps, pythons)
    recipe = load(target)
    runs = _runs(recipe, steps, target)
    every = list(frameworks().values())
    with ThreadPoolExecutor(len(every)) as pool:
        futures = [pool.submit(_examine, backend, recipe, runs, pythons) for backend in every]
        examined = [future.result() for future in futures]
    return _check(target, recipe, steps, examined)


def _check_scheduler(target: str, steps: int | None, pythons: Mapping[str, str]) -> Check:
    framework = framework_of(target)
    try:
        python, _ = interpreter(framework, pythons, made_by_nox=False)
        with Worker(framework, python) as worker:
            read = read_in(worker, target)
            recipe = replace(read.recipe, about=None)
            runs = _runs(recipe, steps, target)
            examined = []
            if read.backend is not None and not read.recipe.position:
                examined = [e for e in [_in_worker(worker, recipe, runs, read)] if e.verified]
    except BackendAbsent as absent:
        if {framework.name, framework.framework} & pythons.keys():
            raise
        return _check_unrun(target, steps, framework, str(absent))
    return replace(
        _check(target, recipe, steps, examined),
        notes=read.notes[:-1] if read.departs and examined else read.notes,
        copied=len(read.ahead),
        departs=read.departs and not examined,  # a copy is stepped past the run
        traps=_traps_of(target),
    )


def _traps_of(target: str) -> list[Trap]:
    return traps_in(read_bytes(Path(target.partition(".py:")[0] + ".py")))


def _check_unrun(target: str, steps: int | None, backend: Backend, absent: str) -> Check:
    """Return what can be said of a scheduler without its framework."""
    read = read_without_running(target, backend, absent)
    recipe = replace(read.recipe, about=None)
    predicted = _predicted(backend, recipe, _runs(recipe, steps, target), absent)
    checked = _check(target, recipe, steps, [predicted])
    notes = read.notes[1 : -1 if read.departs else None]  # what the prediction says, too
    return replace(checked, notes=notes, traps=_traps_of(target))


def _check(target: str, recipe: Recipe, steps: int | None, examined: list[Examined]) -> Check:
    length = run_length(recipe, steps, longest_run(recipe))
    updates = length.stated if length.is_known else None
    lines = warnings(recipe, updates, None)
    lines += [note for one in examined if (note := _version_note(one))]
    return Check(target, recipe, length, examined, lines, traps(recipe))


def _version_note(examined: Examined) -> str:
    version = examined.version
    return "" if version is None else run_warning(examined.backend, version)


def _runs(recipe: Recipe, steps: int | None, target: str) -> _Runs:
    length = run_length(recipe, steps, longest_run(recipe))
    with located(target):
        plain = own_run(recipe, length.steps)
        _ = plain.expected
    marks = [mark for mark in landmarks(recipe, length.steps - 1) if mark <= LONGEST]
    first = marks[0] if marks else max(min(length.steps, LONGEST) // 2, 1)
    around = [k for k in (first - 1, first, first + 1) if k > 0]
    resumed = tuple(_resumed(recipe, k, "right") for k in around)
    misused = tuple(_resumed(recipe, first, order) for order in _MISUSES)
    predicted = plain if length.steps <= LONGEST else own_run(recipe, LONGEST)
    return _Runs(plain, predicted, resumed, misused)


def _resumed(recipe: Recipe, k: int, order: str) -> Scenario:
    with_optimizer = k + _AFTER if k <= _WITH_OPTIMIZER else 0
    actions = ActionList(recipe).updates(k, with_optimizer).then("resume", order)
    return actions.updates(_AFTER, with_optimizer).scenario("resume_state", k, order)


def _examine(backend: Backend, recipe: Recipe, runs: _Runs, pythons: Mapping[str, str]) -> Examined:
    """Return what *backend* does, or is predicted to do where it is absent."""
    try:
        with ExitStack() as stack:
            python, _ = interpreter(backend, pythons, made_by_nox=False)
            worker = stack.enter_context(Worker(backend, python))
            return _in_worker(worker, recipe, runs)
    except BackendAbsent as reason:
        return _predicted(backend, recipe, runs, str(reason))


def _predicted(backend: Backend, recipe: Recipe, runs: _Runs, absent: str) -> Examined:
    """Return what *backend*, which is *absent* for this reason, is predicted to do."""
    written = _written(backend, recipe)
    if isinstance(written, str):
        return Examined(backend, absent=absent, unsupported=written)
    plain = predicted_finding(_run(backend, recipe, runs.predicted, written))
    return Examined(backend, absent=absent, plain=plain)


def _in_worker(worker: Worker, recipe: Recipe, runs: _Runs, read: Read | None = None) -> Examined:
    """Return what the framework of *worker* does; of a scheduler that was *read*, if it is it."""
    version = worker.version()
    backend = worker.backend.of(version, worker.backend.graft)
    written = _written(backend, recipe)
    if isinstance(written, str):
        return Examined(backend, version, unsupported=written)
    plain = _run(backend, recipe, runs.plain, written)
    if read is not None and not _is_the_same(plain, read):
        return Examined(
            backend, version, unsupported="it is not one of the framework's own classes"
        )
    found = {
        run.scenario: finding(run, observed(worker, run))
        for run in [plain, *_possible(backend, recipe, runs.resumed, written)]
    }
    misused = [predicted_finding(run) for run in _possible(backend, recipe, runs.misused, written)]
    first, *resumed = found.values()
    return Examined(backend, version, plain=first, resumed=resumed, misused=misused)


def _possible(
    backend: Backend, recipe: Recipe, scenarios: tuple[Scenario, ...], written: Emitted
) -> Iterator[Run]:
    for scenario in scenarios:
        if scenario.id.name not in written.unsupported_scenarios:
            yield _run(backend, recipe, scenario, written)


def _is_the_same(run: Run, read: Read) -> bool:
    """Return whether the source of *run* is predicted to have the rates of the live scheduler."""
    prediction = predicted(run)
    ahead = np.asarray(read.ahead, dtype=np.float64)
    if prediction is None or not len(ahead):
        return False
    row = run.scenario.t < len(ahead)
    here = prediction.rates[row[: len(prediction.rates)]]
    steps = run.scenario.t[: len(prediction.rates)][row[: len(prediction.rates)]].astype(int)
    return here.shape[1] == ahead.shape[1] and np.array_equal(here, ahead[steps])


def _written(backend: Backend, recipe: Recipe) -> Emitted | str:
    """Return the native source of *recipe*, or why there is none."""
    try:
        return emit(recipe, backend)
    except Unsupported as reason:
        return str(reason)


def _run(backend: Backend, recipe: Recipe, scenario: Scenario, written: Emitted) -> Run:
    case = Case("recipe", "", recipe, own=True)
    return Run(case, backend, EXPLICIT, scenario, written)
