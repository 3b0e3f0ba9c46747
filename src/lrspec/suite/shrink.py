"""Shrinking: the shortest recipe and run that still show a departure, found in the framework."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lrspec.errors import BackendAbsent, BadInput
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.runtime.run_id import RunId
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run, plan
from lrspec.suite.reductions import Document, reductions
from lrspec.suite.run import observed
from lrspec.verdict.results import Finding

_MOST = 600  # runs for one departure
_STEPS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 80)


@dataclass(frozen=True)
class Shrunk:
    """The shortest run that shows what the run *original* shows, and its finding.

    `steps` is the number of steps that it was planned with.
    """

    original: RunId
    run: Run
    finding: Finding
    steps: int


def shrink(
    examples: Sequence[tuple[Run, Finding]],
    pythons: Mapping[str, str] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Shrunk]:
    """Return the shortest run for each of *examples*, with one worker per backend, in parallel.

    Status, verdict, first departure and violated rule stay the same. *advance* is called after
    each. A run is left out if its backend is absent or if it has several schedulers.
    """
    by_backend: dict[str, list[tuple[Run, Finding]]] = defaultdict(list)
    for run, original in examples:
        if original.status != "crashed":  # a crash is not repeated
            by_backend[run.backend.name].append((run, original))

    def work(of_backend: list[tuple[Run, Finding]]) -> list[Shrunk]:
        done: list[Shrunk] = []
        backend = of_backend[0][0].backend
        try:
            path, _ = interpreter(backend, pythons)
            with Worker(backend, path) as worker:
                for run, original in of_backend:
                    shortest = _Search(worker, run, original).shortest()
                    done += [shortest] if shortest else []
                    advance()
        except BackendAbsent:
            pass
        return done

    with ThreadPoolExecutor(max_workers=max(len(by_backend), 1)) as pool:
        return [shrunk for done in pool.map(work, by_backend.values()) for shrunk in done]


@dataclass
class _Search:
    """A greedy search, which continues from the first reduction that shows the same departure."""

    worker: Worker
    run: Run
    original: Finding
    runs: int = 0
    tried: set[str] = field(default_factory=set)

    def shortest(self) -> Shrunk | None:
        own = (*(self.run.case.steps or ()), *horizons(self.run.case.recipe))
        shortest = self._same(_document(self.run), own)
        while shortest is not None and (shorter := self._shorter(shortest)) is not None:
            shortest = shorter
        return shortest

    def _shorter(self, current: Shrunk) -> Shrunk | None:
        """Return the first that shows the same with a reduced recipe, or in fewer steps."""
        for document in reductions(_document(current.run)):
            text = json.dumps([current.steps, document])
            if text not in self.tried:
                self.tried.add(text)
                same = self._same(document, (current.steps,))
                if same is not None:
                    return same
        updates = len(current.run.scenario.t)
        for steps in (n for n in _STEPS if n < min(current.steps, updates)):
            shorter = self._same(_document(current.run), (steps,))
            if shorter is not None and len(shorter.run.scenario.t) < updates:
                return shorter
        return None

    def _same(self, document: Document, steps: Sequence[int]) -> Shrunk | None:
        """Return a run of *document*, over one of *steps* or its own, that shows the same."""
        try:
            for run, count in self._runs(document, steps):
                if self.runs >= _MOST:
                    return None
                self.runs += 1
                reduced = finding(run, observed(self.worker, run))
                if _mark(reduced) == _mark(self.original):
                    return Shrunk(self.run.id, run, reduced, count)
        except BadInput:
            pass  # no recipe, or one without finite rates
        return None

    def _runs(self, document: Document, steps: Sequence[int]) -> Iterator[tuple[Run, int]]:
        recipe = from_dict(document)
        backend, selector = self.run.backend, self.run.scenario.id.selector
        case = Case("shrunk", "", recipe, scenarios=(selector,), backend=backend.name)
        longest = backend.mode.longest or 2000
        for count in dict.fromkeys(min(n, longest) for n in (*steps, *horizons(recipe))):
            for run in plan([case], [backend], steps=count):
                if run.emitted is not None and _manner(run) == _manner(self.run):
                    yield run, count


def _manner(run: Run) -> tuple[object, ...]:
    """Return what a reduced run has in common with its original."""
    return run.argument_form, run.scenario.id.selector, bool(run.scenario.others)


def _document(run: Run) -> Document:
    document = run.case.recipe.to_dict()
    document.pop("about", None)
    return document


def _mark(shown: Finding) -> tuple[object, ...]:
    """Return what must stay the same: status, verdict, first departure, and first violated rule."""
    return shown.status, shown.verdict, tuple(shown.departures[:1]), tuple(shown.rules[:1])
