"""Random recipes, built in one framework, read there, and ported to another.

    nox -s fuzz-ports -- --recipes N --seed S

Each port is run beside the original, each in its own framework, over the whole range that the
certificate states. What differs at any update by more than 1e-12 of the peak is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random, SystemRandom

import numpy as np

from lrspec.bindings.backend import Backend, frameworks, packages
from lrspec.bindings.document import EXPLICIT
from lrspec.cli.terminal import progress
from lrspec.codegen.emit import Emitted, emit
from lrspec.codegen.standalone import STANDALONE
from lrspec.errors import BadInput, Unsupported
from lrspec.importers.scheduler import of_description
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.port.verification import NATIVE
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.observation import Observation
from lrspec.runtime.process import Worker
from lrspec.scenario.builders import expand, horizons
from lrspec.scenario.scenario import Scenario
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import Case
from lrspec.suite.departing import meant
from lrspec.suite.plan import Run
from lrspec.suite.random_recipes import draw
from lrspec.suite.run import observe

BOUND = 1e-12  # of the peak
LARGEST = 1e38
BATCH = 500  # recipes for which each framework is started once
METRICS = (3.0, 2.0, 1.5, 1.0, 0.999, 0.5, 0.0, -1.0, 10.0, None)


@dataclass(frozen=True)
class Job:
    """A random recipe, the framework that it is built in, its source there, and the target."""

    recipe: Recipe
    home: Backend
    source: Emitted
    away: Backend


@dataclass(frozen=True)
class Outcome:
    """What became of a job: a word, and what is wrong, "" if nothing is."""

    word: str
    wrong: str = ""


def jobs(rng: Random) -> Iterator[Job]:
    """Yield random jobs without end."""
    every = list(frameworks().values())
    while True:
        home, away = rng.sample(every, 2)
        recipe = draw(rng)
        try:
            source = emit(recipe, home, EXPLICIT)
        except Unsupported:
            continue
        if len(set(recipe.bases)) == 1 or home.groups == away.groups == "own rates":
            yield Job(recipe, home, source, away)


def read(batch: Sequence[Job]) -> list[Recipe | str]:
    """Return what is read of each job's scheduler, or why it is not."""
    found: dict[int, Recipe | str] = {}
    for home in frameworks().values():
        with Worker(home, interpreter(home)[0]) as worker:
            for index, job in enumerate(batch):
                if job.home is home:
                    found[index] = _read(worker, job)
    return [found[index] for index in range(len(batch))]


def _read(worker: Worker, job: Job) -> Recipe | str:
    build = {"text": job.source.text, "base_lr": job.recipe.bases, "steps": 0}
    answer = worker.describe({"describe": {**build, "trusted": packages()}})
    if answer.description is None:
        return "rejected"
    try:
        recipe, _ = meant(of_description(answer.description))
    except BadInput as error:
        return f"not read: {error.expected}"
    return recipe


def run_batch(batch: Sequence[Job], rng: Random) -> list[Outcome]:
    """Return the outcome of each job."""
    recipes = read(batch)
    readable = {i: r for i, r in enumerate(recipes) if isinstance(r, Recipe) and _finite(r)}
    cases = {i: Case(f"fuzz/{i}", "", recipe) for i, recipe in readable.items()}
    wanted = [(case, batch[i].away) for i, case in cases.items()]
    results = dict(zip(cases, ports(wanted, brief=True), strict=True))
    pairs = {
        i: _pair(batch[i], case, results[i], rng)
        for i, case in cases.items()
        if isinstance(results[i], Port)
    }
    observed = observe([run for pair in pairs.values() for run in pair]).by_run
    outcomes = []
    for i, recipe in enumerate(recipes):
        if i in pairs:
            original, port = (observed[run.id] for run in pairs[i])
            outcomes.append(_compared(original, port, results[i]))
        elif i in cases:
            outcomes.append(Outcome(f"unsupported: {results[i]}"))
        else:
            outcomes.append(Outcome(recipe if isinstance(recipe, str) else "no finite rate"))
    return outcomes


def _finite(recipe: Recipe) -> bool:
    try:
        return bool(_scenario(recipe, None).expected.max(initial=0) < LARGEST)
    except BadInput:
        return False


def _scenario(recipe: Recipe, rng: Random | None) -> Scenario:
    """Return an undisturbed run, with other metrics than the certificate's."""
    plain = recipe.specified
    if plain.schedule.machine is None:
        return expand(plain, "stepwise", horizons(plain)[1])[0]
    if rng is not None:
        metrics = [rng.choice(METRICS) for _ in range(rng.randint(10, 60))]
        plain = from_dict({**plain.to_dict(), "metrics": metrics})
    return expand(plain, "metrics", horizons(plain)[1])[0]


def _pair(job: Job, case: Case, port: Port | Unsupported, rng: Random) -> tuple[Run, Run]:
    assert isinstance(port, Port)
    scenario = _scenario(case.recipe, rng)
    built = replace(scenario, recipe=scenario.recipe.with_base(*job.recipe.bases))
    form = EXPLICIT if port.style == NATIVE else STANDALONE
    ported = replace(job.source, text=port.source, tree=None)
    return (
        Run(case, job.home, EXPLICIT, built, job.source),
        Run(replace(case, id=f"{case.id}/port"), job.away, form, scenario, ported),
    )


def _compared(original: Observation, port: Observation, result: Port | Unsupported) -> Outcome:
    assert isinstance(result, Port)
    if original.status != "trace":
        return Outcome(original.status)
    b = port.rates
    a = original.rates[:, : b.shape[1]]  # a scheduler of Paddle knows the first group alone
    word = f"{result.style}{', diverges and says so' if result.certificate.diverges else ''}"
    if result.certificate.diverges:
        return Outcome(word)
    if port.status != "trace" or a.shape != b.shape:
        ends = original.error or "nothing"
        return Outcome(word, f"{port.reason or port.error}: {b.shape} for {a.shape}, {ends}")
    if (original.error or "").partition(":")[0] != (port.error or "").partition(":")[0]:
        return Outcome(word, f"raises {port.error} where the original raises {original.error}")
    error = np.abs(a - b)
    worst = float(np.nan_to_num(error).max(initial=0.0))
    if worst > BOUND * float(np.abs(a).max(initial=0.0)) or (np.isnan(a) != np.isnan(b)).any():
        step = int(error.max(axis=1).argmax())
        return Outcome(word, f"at step {step} {b[step].tolist()} for {a[step].tolist()}")
    return Outcome(word)


def main() -> int:
    """Return 1 if a certified port differs from its original, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipes", type=int, default=1000)
    parser.add_argument("--seed", default=str(SystemRandom().randrange(10**6)))
    given = parser.parse_args()
    sys.stdout.write(f"seed {given.seed}\n")
    rng, words, wrong = Random(given.seed), Counter[str](), 0
    drawn = jobs(rng)
    with progress(given.recipes) as advance:
        while words.total() < given.recipes:
            batch = list(islice(drawn, min(BATCH, given.recipes - words.total())))
            for job, outcome in zip(batch, run_batch(batch, rng), strict=True):
                words[outcome.word] += 1
                if outcome.wrong:
                    wrong += 1
                    recipe = json.dumps(job.recipe.to_dict())
                    route = f"{job.home.name} -> {job.away.name}"
                    sys.stdout.write(f"{route} {outcome.word} {recipe}: {outcome.wrong}\n")
                advance()
    sys.stdout.writelines(f"{count} {word}\n" for word, count in words.most_common())
    sys.stdout.write(f"{wrong} differ from their originals\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
