"""Random recipes in random scenarios: is every run as predicted? nox -s fuzz -- --runs N --seed S.

Recipes of all kinds are drawn, nested up to three levels, with one to three parameter groups, and
run in every backend. An unpredicted run is shrunk and kept as a case in
`conformance/cases/fuzz/`, which the suite runs from then on.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random, SystemRandom

import numpy as np
import write_shrunk

from lrspec.bindings.backend import Backend, backend_of, backends
from lrspec.cli.terminal import progress
from lrspec.errors import BackendAbsent, BadInput
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.scenario.builders import SCENARIOS
from lrspec.suite.cases import Case
from lrspec.suite.findings import finding, predicted
from lrspec.suite.plan import Run, plan
from lrspec.suite.random_recipes import draw
from lrspec.suite.run import observed
from lrspec.suite.shrink import shrink
from lrspec.verdict.results import Finding

STEPS = (3, 5, 12, 30, 60)
#: `long` is the same run a thousand times; the variants are not part of a plain scenario.
NAMES = (
    *(name for name in SCENARIOS if name != "long"),
    "jump:twice",
    "jump:changed",
    "rebuilt:alternately",
)
AT_ONCE = 4  # runs of one recipe
#: A rate that is infinite as a float32 cannot be read from the weights.
LARGEST = 1e38


@dataclass
class Outcome:
    """What the runs of one backend gave; `failures` are errors of lrspec itself."""

    backend: Backend
    verdicts: Counter[str] = field(default_factory=Counter)
    unpredicted: list[tuple[Run, Finding]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def drawn(backend: Backend, rng: Random) -> list[Run]:
    """Return some runs of a random recipe in a random scenario."""
    recipe, name, steps = draw(rng), rng.choice(NAMES), rng.choice(STEPS)
    case = Case("fuzz", "", recipe, scenarios=(), representative=True, backend=backend.name)
    runs = [
        run
        for run in plan([case], [backend], [name], steps)
        if run.emitted is not None and run.scenario.expected.max(initial=0) < LARGEST
        if _largest_predicted(run) < LARGEST
    ]
    rng.shuffle(runs)
    return runs[:AT_ONCE]


def _largest_predicted(run: Run) -> float:
    prediction = predicted(run)
    return 0.0 if prediction is None else np.nan_to_num(prediction.rates).max(initial=0)


def fuzz(backend: Backend, runs: int, seed: str, advance: Callable[[], None]) -> Outcome:
    """Return the outcome of *runs* random runs of *backend*, which *seed* determines."""
    rng, outcome = Random(f"{seed} {backend.name}"), Outcome(backend)
    path, _ = interpreter(backend)
    with Worker(backend, path) as worker:
        while outcome.verdicts.total() + len(outcome.failures) < runs:
            for run in _planned(backend, rng, outcome):
                try:
                    found = finding(run, observed(worker, run))
                except Exception:  # it must not lose the other runs
                    outcome.failures.append(f"{_described(run)}\n{traceback.format_exc()}")
                    continue
                outcome.verdicts[str(found.verdict)] += 1
                if found.verdict == "unpredicted":
                    outcome.unpredicted.append((run, found))
                advance()
    return outcome


def _planned(backend: Backend, rng: Random, outcome: Outcome) -> list[Run]:
    try:
        return drawn(backend, rng)
    except BadInput:  # a rate that is not finite
        return []
    except Exception:
        outcome.failures.append(traceback.format_exc())
        return []


def _described(run: Run) -> str:
    recipe = json.dumps(run.case.recipe.to_dict())
    return f"{run.backend.name} {run.argument_form} {run.scenario.id} {recipe}"


def report(outcomes: list[Outcome]) -> Iterator[str]:
    """Return the lines that are printed."""
    for outcome in outcomes:
        counts = ", ".join(f"{count} {verdict}" for verdict, count in outcome.verdicts.items())
        yield f"{outcome.backend.name}: {counts or 'nothing was run'}"
        for run, found in outcome.unpredicted:
            yield f"  {_described(run)}: {found.explanation}"
        for failure in outcome.failures:
            yield f"  lrspec fails: {failure}"


def keep(outcomes: list[Outcome]) -> None:
    """Shrink what is unpredicted, and add it to the suite's cases."""
    unpredicted = [pair for outcome in outcomes for pair in outcome.unpredicted]
    for shrunk in shrink(unpredicted):
        write_shrunk.add("fuzz", shrunk)


def main() -> int:
    """Return 1 if a run is unpredicted or lrspec fails, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="runs of each backend")
    parser.add_argument("--seed", default=str(SystemRandom().randrange(10**6)))
    parser.add_argument("--backend", action="append", choices=list(backends()), dest="names")
    given = parser.parse_args()
    wanted = [backend_of(name) for name in given.names or backends()]
    sys.stdout.write(f"seed {given.seed}\n")
    with ThreadPoolExecutor() as pool, progress(given.runs * len(wanted)) as advance:
        try:
            outcomes = list(pool.map(lambda b: fuzz(b, given.runs, given.seed, advance), wanted))
        except BackendAbsent as absent:
            sys.exit(str(absent))
    sys.stdout.writelines(f"{line}\n" for line in report(outcomes))
    keep(outcomes)
    return 1 if any(outcome.unpredicted or outcome.failures for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
