"""Round trips: a source is built in its framework, read back, and ported to another framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from lrspec.bindings.backend import Backend, backend_of, packages
from lrspec.codegen.emit import emit
from lrspec.errors import BadInput, Unsupported
from lrspec.importers.scheduler import of_description
from lrspec.port.certificate import MAX_ULP
from lrspec.port.equivalence import ReadBack, compared
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.port.verification import NATIVE, is_source_of
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.spec.recipe import Recipe
from lrspec.suite.cases import Case

#: A case's id and the framework that it was ported to.
PortId = tuple[str, str]
#: A case's id, the framework A that it is ported to first, and the framework B in between.
Route = tuple[str, str, str]
_Key = TypeVar("_Key")
#: A recipe, its source, and the number of updates before the scheduler is read.
_Job = tuple[Recipe, str, int]


@dataclass(frozen=True)
class RoundTrip:
    """How a case comes back to framework A after framework B.

    `outcome` is `same source` (and so the same trace), `same rates` (another source, certified in
    A) or `lost`; `reason` says why.
    """

    outcome: str
    reason: str = ""


def read_back_native(
    cases: Iterable[Case],
    backend: Backend,
    steps: Sequence[int],
) -> dict[tuple[str, int], ReadBack]:
    """Return what is read of each case with native source, by its id and the number of *steps*.

    A schedule that reads metrics is not stepped. Raises `BackendAbsent` where the framework is
    missing.
    """
    jobs: dict[tuple[str, int], _Job] = {}
    for case in cases:
        try:
            source = emit(case.recipe, backend).text
        except Unsupported:
            continue
        counts = steps if case.recipe.schedule.machine is None else steps[:1]
        jobs.update({(case.id, count): (case.recipe, source, count) for count in counts})
    return _read_all(backend, jobs)


def read_back_ports(
    cases: Sequence[Case],
    ported: Mapping[PortId, Port | Unsupported],
) -> dict[PortId, ReadBack]:
    """Return what is read of each port in its framework; all frameworks run in parallel.

    Where only the optimizer knows the factor of a group's rate, native classes give the rates of
    the first group. Raises `BackendAbsent` where a framework is missing.
    """
    jobs: dict[str, dict[PortId, _Job]] = {name: {} for _, name in ported}
    by_id = {case.id: case for case in cases}
    for (case_id, name), port in ported.items():
        if isinstance(port, Port):
            recipe = by_id[case_id].recipe
            factors = backend_of(name).groups == "factors"
            if factors and port.style == NATIVE and recipe.base_lr:
                recipe = recipe.with_base(recipe.bases[0])
            jobs[name][case_id, name] = (recipe, port.source, 0)
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda name: _read_all(backend_of(name), jobs[name]), jobs)
        return {key: read for by_key in answers for key, read in by_key.items()}


def _read_all(backend: Backend, jobs: Mapping[_Key, _Job]) -> dict[_Key, ReadBack]:
    with Worker(backend, interpreter(backend)[0]) as worker:
        worker.version()
        return {key: _read(worker, *job) for key, job in jobs.items()}


def _read(worker: Worker, recipe: Recipe, source: str, steps: int) -> ReadBack:
    """Return what is read of *recipe* after *worker* has built *source* and run *steps* updates."""
    build = {"text": source, "base_lr": recipe.bases, "steps": steps, "trusted": packages()}
    answer = worker.describe({"describe": build})
    if answer.description is None:
        return ReadBack("rejected", answer.reason)
    try:
        read = of_description(answer.description).recipe
    except BadInput as error:
        return ReadBack("unreadable", str(error))
    if read.position != steps:
        return ReadBack("differs", f"its position is {read.position} after {steps} updates", read)
    return compared(recipe, read)


def round_trips(
    cases: Sequence[Case],
    ported: Mapping[PortId, Port | Unsupported],
    read: Mapping[PortId, ReadBack],
) -> dict[Route, RoundTrip]:
    """Return how each case comes back, for every pair of frameworks.

    *read* is what `read_back_ports` returns for *ported*.
    """
    by_id = {case.id: case for case in cases}
    names = list(dict.fromkeys(name for _, name in ported))
    trips: dict[Route, RoundTrip] = {}
    rerun: dict[Route, tuple[Case, Backend]] = {}
    for route in ((case.id, a, b) for case in cases for a in names for b in names if a != b):
        case_id, home, away = route
        case, backend = by_id[case_id], backend_of(home)
        port, answer = ported[case_id, home], read.get((case_id, away))
        if not isinstance(port, Port) or answer is None or answer.recipe is None:
            trips[route] = RoundTrip("lost", answer.reason if answer else "it was not ported")
            continue
        recipe = _with_bases(answer.recipe, case.recipe)
        comparison = compared(case.recipe, recipe)
        if comparison.outcome == "differs":
            trips[route] = RoundTrip("lost", comparison.reason)
        elif is_source_of(recipe, backend, port.style, port.source):
            trips[route] = RoundTrip("same source")
        else:  # its own id: another framework may return another recipe of this case
            rerun[route] = (replace(case, id=" ".join(route), recipe=recipe), backend)
    results = ports(list(rerun.values()), brief=True, ulp=MAX_ULP)
    for route, port in zip(rerun, results, strict=True):
        if isinstance(port, Unsupported):
            trips[route] = RoundTrip("lost", str(port))
        elif port.certificate.diverges:
            trips[route] = RoundTrip("lost", " ".join(port.certificate.text.split()))
        else:
            trips[route] = RoundTrip("same rates")
    return trips


def _with_bases(read: Recipe, original: Recipe) -> Recipe:
    """Return *read* with the base rates of all groups, which an optimizer keeps."""
    plain = replace(read, about=None)
    return plain.with_base(*original.base_lr) if original.base_lr and plain.base_lr else plain
