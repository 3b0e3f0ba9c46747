"""Compare the suite's verdict on each flaw with the flaw that the fake framework actually has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from flaws.table import Flaw

from lrspec import resources
from lrspec.bindings.backend import Backend, load
from lrspec.runtime.observation import Observation
from lrspec.runtime.run_id import RunId
from lrspec.scenario.builders import expand
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import observe
from lrspec.verdict.results import Finding

FAKES = resources.root() / "conformance" / "fakes"
#: An error up to this fraction of the peak is rounding, as in `spec/tolerances.json`.
ROUNDING = 1e-12
#: The fakes without a flaw; after a change from outside all of them are right.
RIGHT = ("honest", "recursion", "own_rate", "restates_at_a_jump")


@dataclass(frozen=True)
class Told:
    """Kind, first step and number of wrong updates of a divergence."""

    kind: str
    first: float | None
    extent: int


@dataclass(frozen=True)
class Answer:
    """One run: the divergence in the fake's own traces, and the suite's verdict on it.

    `errors` are computed from the fakes' traces, as fractions of the peak; `honest` tells whether
    the flawless fake conforms to the specification.
    """

    flaw: Flaw
    run: Run
    right: Told
    said: Told
    finding: Finding
    seen: Observation
    errors: Any
    honest: bool


def fake(name: str, folder: Path) -> Backend:
    """Create the fake called *name*, which may import others, in *folder*; return its backend."""
    shutil.copytree(FAKES / "toy", folder / name)
    for path in FAKES.glob("*.py"):
        shutil.copy(path, folder / name)
    shutil.copy(FAKES / f"{name}.py", folder / name / "worker.py")
    return load(folder / name)["toy"]


def answers(flaws: Sequence[Flaw], count: int, folder: Path) -> list[Answer]:
    """Return *count* answers for each of *flaws*, with the fakes created in *folder*.

    One process per fake executes all its runs. The flawless fakes give the right rates, all of them
    if more than one form is right.
    """
    names = dict.fromkeys([*RIGHT, *(flaw.fake for flaw in flaws)])
    backends = {name: fake(name, folder) for name in names}
    runs = {flaw: [_run(flaw, backends[flaw.fake], n) for n in range(count)] for flaw in flaws}
    asked: dict[str, list[Run]] = {name: [] for name in names}
    for flaw, its in runs.items():
        asked[flaw.fake] += its
        for run in its:
            for name in _right(run):
                asked[name].append(_undisturbed(run, backends[name]))
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = dict(zip(asked, pool.map(_observed, asked.values()), strict=True))
    return [
        _answer(
            flaw, run, found[flaw.fake][run.id], [found[n][_of_right(run)] for n in _right(run)]
        )
        for flaw, its in runs.items()
        for run in its
    ]


def _run(flaw: Flaw, backend: Backend, number: int) -> Run:
    """Return a run of the recipe with this number, chosen from those in which the flaw shows."""
    rng = Random(f"{flaw.name} {number}")  # noqa: S311 - not for security
    document, steps = flaw.recipes(rng)
    case = Case(f"{flaw.name}/{number}", "", from_dict(document))
    wanted = f"{flaw.scenario}:{flaw.variant}" if flaw.variant else flaw.scenario
    shown = [
        run
        for run in plan([case], [backend], [wanted], steps)
        if run.argument_form == flaw.argument_form
        and flaw.shows(document, run.scenario.id.step or 0)
    ]
    return rng.choice(shown)


def _right(run: Run) -> Sequence[str]:
    """Return the fakes that define the right rates of *run*, which must agree with one of them."""
    return RIGHT if run.scenario.id.expects_forms else RIGHT[:1]


def _undisturbed(run: Run, backend: Backend) -> Run:
    """Return the run with the right rates: without the disturbance, if it must have no effect."""
    scenario = run.scenario
    if not scenario.id.expects_forms and scenario.recipe.schedule.machine is None:
        scenario = expand(scenario.recipe, "stepwise", int(scenario.t.max()) + 1)[0]
    case = replace(run.case, id=_of_right(run).case)
    return replace(run, case=case, backend=backend, scenario=replace(scenario, id=run.scenario.id))


def _of_right(run: Run) -> RunId:
    """Return the identity of the run that shows what is right of *run*."""
    return replace(run.id, case=f"right {run.case.id}")


def _observed(runs: list[Run]) -> Any:
    return observe(runs, {"toy": sys.executable}).by_run


def _answer(flaw: Flaw, run: Run, seen: Observation, right: list[Observation]) -> Answer:
    said = finding(run, seen)
    kind = said.kind if flaw.words in said.explanation else f"{said.kind} (in other words)"
    found = Told(kind, said.first_step, said.extent)
    errors = _wrong(flaw, run, seen, right)
    honest = finding(_undisturbed(run, run.backend), right[0]).verdict == "conforms"
    return Answer(flaw, run, _told(flaw, run, seen, errors), found, said, seen, errors, honest)


def _told(flaw: Flaw, run: Run, seen: Observation, errors: Any) -> Told:
    """Return the flaw's kind, and where it shows."""
    rows = np.flatnonzero((errors > ROUNDING).any(axis=1))
    if flaw.kind == "error raised":
        return Told(flaw.kind, int(run.scenario.t[len(seen.rates)]), len(rows))
    return Told(flaw.kind, int(run.scenario.t[rows[0]]) if len(rows) else None, len(rows))


def _wrong(flaw: Flaw, run: Run, seen: Observation, right: list[Observation]) -> Any:
    """Return the errors of the fake's own traces, one row per update."""
    if seen.status != "trace" or flaw.kind == "errored":
        return np.zeros((0, 1))
    if flaw.kind == "misreported":
        return _errors(seen.reported, seen.applied)
    if flaw.kind == "momentum":
        return _errors(right[0].momentum, seen.momentum)
    if run.scenario.id.expects_forms:
        rows = len(seen.rates)
        return min((_errors(one.rates[:rows], seen.rates) for one in right), key=_distance)
    rates = right[0].rates
    expected = rates if run.scenario.stepwise else rates[run.scenario.t.astype(int)]
    return _errors(expected[: len(seen.rates)], seen.rates)


def _distance(errors: Any) -> tuple[int, float]:
    """Return the number of wrong updates and the largest error."""
    return int((errors > ROUNDING).any(axis=1).sum()), float(errors.max())


def _errors(right: Any, seen: Any) -> Any:
    """Return the errors as fractions of the peak; NaN stands for a group that does not exist yet."""
    return np.nan_to_num(np.abs(seen - right)) / np.nanmax(np.abs(right))


def share(found: Iterable[Answer]) -> float:
    """Return the fraction of answers with the right kind, first step and extent."""
    right = [answer.right == answer.said for answer in found]
    return sum(right) / len(right)
