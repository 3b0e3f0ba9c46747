"""Mutants of the frameworks' own schedulers: does the suite notice? nox -s framework-mutants.

The source of a framework's schedulers is changed in memory, in one place each, and the runs of the
suite that use the changed class are made again, until one of them is unpredicted. A mutant that no run
notices is tried in random runs of that class: if it makes a difference there, it is missed.
Nothing of a framework's source is stored. `--sample N` tries one mutant in N.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random

import fuzz
from source_mutants import Mutant, mutants

from lrspec.bindings.backend import Backend, backend_of
from lrspec.cli.terminal import progress
from lrspec.dialect.prediction import Prediction
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.suite.cases import cases
from lrspec.suite.findings import predicted
from lrspec.suite.plan import Run, plan
from lrspec.suite.run import observed
from lrspec.verdict.files import write
from lrspec.verdict.unpredicted import unpredicted

#: The modules of each framework's schedulers, in the order in which they import one another.
MODULES = {
    "torch": ["torch.optim.lr_scheduler"],
    "paddle": ["paddle.optimizer.lr"],
    "oneflow": [
        f"oneflow.nn.optimizer.{name}"
        for name in [
            "lr_scheduler",
            "constant_lr",
            "cosine_annealing_lr",
            "cosine_annealing_warm_restarts",
            "cosine_decay_lr",
            "exponential_lr",
            "lambda_lr",
            "linear_lr",
            "multistep_lr",
            "polynomial_lr",
            "reduce_lr_on_plateau",
            "step_lr",
            "chained_scheduler",
            "sequential_lr",
            "warmup_lr",
        ]
    ],
}
Predicted = tuple[Run, Prediction]
RANDOM_RUNS = 1000
DEADLINE = 5.0
FILES = """
import importlib.util, json, sys
print(json.dumps([importlib.util.find_spec(name).origin for name in sys.argv[1:]]))
"""
#: Precedes a run's source: replaces the framework's own modules by the changed ones.
INSTALL = """
import importlib, json, sys, types
if getattr(sys, "lrspec_mutant", None) != {id!r}:
    for name, path in json.loads({paths!r}):
        package, _, last = name.rpartition(".")
        module = types.ModuleType(name)
        module.__package__, module.__file__ = package, path
        sys.modules[name] = module
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), vars(module))
        setattr(importlib.import_module(package), last, module)
        exported = importlib.import_module({module!r})
        for key in [key for key in vars(module) if key in vars(exported)]:
            setattr(exported, key, getattr(module, key))
    sys.lrspec_mutant = {id!r}
"""


@dataclass
class Result:
    """The outcome for the mutants of one framework, by the class that was changed.

    `missed` has the random run that notices each.
    """

    noticed: Counter[str] = field(default_factory=Counter)
    without_effect: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[Mutant, Run]] = field(default_factory=list)


class Bench:
    """The runs of one framework, and the modules that are changed."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self.backend, self.folder = backend, folder
        self.python, _ = interpreter(backend)
        names = MODULES[backend.framework]
        command = [self.python, "-c", FILES, *names]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        files = json.loads(found.stdout.splitlines()[-1])
        self.paths = dict(zip(names, files, strict=True))
        self.runs = [run for run in plan(cases(), [backend]) if run.emitted is not None]
        self.used = {name for run in self.runs for name in run.emitted.classes}
        self.runs_of = cache(self._runs_of)
        self.random_runs_of = cache(self._random_runs_of)

    def mutants(self) -> Iterator[tuple[str, Mutant]]:
        """Return each mutant with the module that it changes."""
        for name, path in self.paths.items():
            for mutant in mutants(Path(path).read_text(encoding="utf-8")):
                yield name, mutant

    def _runs_of(self, owner: str) -> list[Predicted]:
        """Return the suite's runs that use *owner*, all of them if it is no class of a schedule."""
        using = [run for run in self.runs if owner in run.emitted.classes] or self.runs
        return _with_predictions([run for run in using if run.scenario.id.name != "long"])

    def _random_runs_of(self, owner: str) -> list[Predicted]:
        """Return random runs that use *owner*, or any class if it is not a class of a schedule."""
        rng = Random(owner)
        runs: list[Run] = []
        while len(runs) < RANDOM_RUNS:
            drawn = fuzz.drawn(self.backend, rng)
            runs += [r for r in drawn if owner not in self.used or owner in r.emitted.classes]
        return _with_predictions(runs)

    def install(self, module: str, mutant: Mutant) -> str:
        """Return the source that puts *mutant* in the place of *module*."""
        path = self.folder / f"{self.backend.name}.py"
        path.write_text(mutant.text, encoding="utf-8")
        paths = list({**self.paths, module: str(path)}.items())
        exported = self.backend.module
        return INSTALL.format(id=str(mutant), paths=json.dumps(paths), module=exported)


def _with_predictions(runs: list[Run]) -> list[Predicted]:
    """Return *runs*, the shortest first, each with its prediction, which no mutant changes."""
    ordered = sorted(runs, key=lambda run: len(run.scenario.t) * len(run.emitted.text))
    return [(run, predicted(run)) for run in ordered]


def noticing(worker: Worker, runs: Sequence[Predicted], prefix: str) -> Run | None:
    """Return the first of *runs* that is unpredicted with the source *prefix* before its own."""
    for run, prediction in runs:
        sources = [
            replace(source, text=f"{prefix}\n{source.text}")
            for source in (run.emitted, *run.others)
        ]
        changed = replace(run, emitted=sources[0], others=tuple(sources[1:]))
        if unpredicted(run.scenario, prediction, observed(worker, changed)) is not None:
            return run
    return None


def tried(backend: Backend, sample: int, limit: str, folder: Path) -> Result:
    """Return the outcome for one in *sample* mutants of a framework, of the class *limit* if given."""
    bench, result = Bench(backend, folder), Result()
    chosen = [pair for pair in bench.mutants() if limit in ("", pair[1].owner)][::sample]
    with Worker(backend, bench.python, DEADLINE) as worker, progress(len(chosen)) as advance:
        for module, mutant in chosen:
            prefix = bench.install(module, mutant)
            if noticing(worker, bench.runs_of(mutant.owner), prefix):
                result.noticed[mutant.owner] += 1
            elif run := noticing(worker, bench.random_runs_of(mutant.owner), prefix):
                result.missed.append((mutant, run))
            else:
                result.without_effect[mutant.owner] += 1
            advance()
    return result


def report(results: dict[str, Result]) -> str:
    """Return the text of `framework-mutants.md`."""
    lines = ["# Mutants of the frameworks' schedulers", ""]
    for name, result in results.items():
        missed = Counter(mutant.owner for mutant, _ in result.missed)
        lines += [f"## {backend_of(name).title}", "", f"{_share(result)}", ""]
        lines += ["| class | noticed | missed | without effect |", "|---|---:|---:|---:|"]
        owners = sorted({*result.noticed, *missed, *result.without_effect})
        lines += [
            f"| {owner} | {result.noticed[owner]} | {missed[owner]} "
            f"| {result.without_effect[owner]} |"
            for owner in owners
        ]
        lines += ["", *(f"- {line}" for line in _missed(result)), ""]
    return "\n".join(lines)


def _missed(result: Result) -> list[str]:
    return [
        f"missed: {mutant}; noticed by {json.dumps(run.case.recipe.to_dict())} in {run.scenario.id}"
        for mutant, run in result.missed
    ]


def _share(result: Result) -> str:
    noticed, missed = result.noticed.total(), len(result.missed)
    share = noticed / (noticed + missed) if noticed + missed else 1.0
    return (
        f"{noticed} of {noticed + missed} mutants that make a difference are noticed ({share:.1%}); "
        f"{result.without_effect.total()} make none in {RANDOM_RUNS} random runs."
    )


def main() -> int:
    """Return 1 if fewer than 97 % of the mutants that make a difference are noticed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="try one mutant in N")
    parser.add_argument("--framework", action="append", choices=list(MODULES), dest="names")
    parser.add_argument("--class", default="", dest="limit", help="mutate this class only")
    given = parser.parse_args()
    names = given.names or list(MODULES)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        done = pool.map(
            lambda n: tried(backend_of(n), given.sample, given.limit, Path(folder)), names
        )
        results = dict(zip(names, done, strict=True))
    write(Path("reports/framework-mutants.md"), report(results))
    for name, result in results.items():
        sys.stdout.write(f"{name}: {_share(result)}\n")
        sys.stdout.writelines(f"  {line}\n" for line in _missed(result))
    noticed = sum(result.noticed.total() for result in results.values())
    missed = sum(len(result.missed) for result in results.values())
    return 1 if missed > 0.03 * (noticed + missed) else 0


if __name__ == "__main__":
    sys.exit(main())
