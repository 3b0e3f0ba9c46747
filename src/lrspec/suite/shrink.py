"""The shortest recipe and run that still show a divergence, by asking the framework itself."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lrspec.errors import BackendAbsent, BadInput
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.scenario.builders import horizons
from lrspec.spec.recipe import from_dict
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding
from lrspec.suite.plan import Run, plan
from lrspec.suite.reductions import Document, smaller
from lrspec.suite.run import answered
from lrspec.verdict.known import asked
from lrspec.verdict.ledger import entries, known
from lrspec.verdict.results import Finding

#: The verdicts that can be shrunk; what ends a process is asked once and no more.
SHRUNK = ("diverges", "rejected")
_MOST = 600  # questions for one divergence
_FEWEST = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 80)


@dataclass(frozen=True)
class Shrunk:
    """The shortest run that was found to show what the run *original* shows, and its finding.

    `steps` is the number that was asked for when it was planned.
    """

    original: str
    run: Run
    finding: Finding
    steps: int


def shrink(
    witnesses: Sequence[tuple[Run, Finding]],
    pythons: Mapping[str, str] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Shrunk]:
    """Return the shortest run for each of *witnesses*, asked of one worker a backend, side by side.

    Kind, broken rule, exception and ledger entry stay what they are. *advance* is called after
    each. What cannot be run again, for want of its backend or of its other schedulers, is left out.
    """
    by_backend: dict[str, list[tuple[Run, Finding]]] = defaultdict(list)
    for run, found in witnesses:
        by_backend[run.backend.name].append((run, found))

    def work(mine: list[tuple[Run, Finding]]) -> list[Shrunk]:
        done: list[Shrunk] = []
        try:
            path, _ = interpreter(mine[0][0].backend, pythons)
            with Worker(mine[0][0].backend, path) as worker:
                for run, found in mine:
                    shortest = _Search(worker, run, found).shortest()
                    done += [shortest] if shortest else []
                    advance()
        except BackendAbsent:
            pass
        return done

    with ThreadPoolExecutor(max_workers=max(len(by_backend), 1)) as pool:
        return [shrunk for done in pool.map(work, by_backend.values()) for shrunk in done]


@dataclass
class _Search:
    """A greedy search: the first smaller recipe that shows the same is where it goes on."""

    worker: Worker
    run: Run
    found: Finding
    asked: int = 0
    tried: set[str] = field(default_factory=set)

    def shortest(self) -> Shrunk | None:
        own = (*(self.run.case.steps or ()), *horizons(self.run.case.recipe))
        found = self._same(_plain(self.run), own)
        while found is not None and (better := self._better(found)) is not None:
            found = better
        return found

    def _better(self, found: Shrunk) -> Shrunk | None:
        """Return the first that is smaller and shows the same: in its recipe, or in its steps."""
        for other in smaller(_plain(found.run)):
            text = json.dumps([found.steps, other])
            if text not in self.tried:
                self.tried.add(text)
                same = self._same(other, (found.steps,))
                if same is not None:
                    return same
        for steps in (n for n in _FEWEST if n < min(found.steps, len(found.run.scenario.t))):
            shorter = self._same(_plain(found.run), (steps,))
            if shorter is not None and len(shorter.run.scenario.t) < len(found.run.scenario.t):
                return shorter
        return None

    def _same(self, document: Document, steps: Sequence[int]) -> Shrunk | None:
        """Return a run of *document*, over one of *steps* or its own, that shows the same."""
        try:
            for run, count in self._runs(document, steps):
                if self.asked >= _MOST:
                    return None
                self.asked += 1
                found = finding(run, answered(self.worker, run))
                if _mark(found, self.worker) == _mark(self.found, self.worker):
                    return Shrunk(self.run.id, run, found, count)
        except BadInput:
            pass  # no recipe, or one without finite rates
        return None

    def _runs(self, document: Document, steps: Sequence[int]) -> Iterator[tuple[Run, int]]:
        recipe = from_dict(document)
        scenario = self.run.scenario
        longest = self.worker.backend.mode.longest or 2000
        counts = dict.fromkeys(min(n, longest) for n in (*steps, *horizons(recipe)))
        for count in counts:
            case = Case(
                "shrunk", "", recipe, scenarios=(scenario.wanted,), backend=self.run.backend.name
            )
            for run in plan([case], [self.run.backend], steps=count):
                same = (
                    run.argument_form,
                    run.scenario.kind,
                    run.scenario.variant,
                    bool(run.scenario.others),
                )
                wanted = (
                    self.run.argument_form,
                    scenario.kind,
                    scenario.variant,
                    bool(scenario.others),
                )
                if run.emitted is not None and same == wanted:
                    yield run, count


def _plain(run: Run) -> Document:
    document = run.case.recipe.to_dict()
    document.pop("about", None)
    return document


def _mark(found: Finding, worker: Worker) -> tuple[object, ...]:
    """Return what must stay: verdict, kind, the rule broken first, the exception, the entry."""
    entry = known(asked(found, worker.version()), entries())
    error = found.explanation.partition(":")[0] if found.verdict == "rejected" else ""
    return found.verdict, found.kind, tuple(found.rules[:1]), error, entry and entry.id
