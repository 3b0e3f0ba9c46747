"""A plateau is read in mid-run in one framework and continues in another."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path

import pytest

from lrspec.bindings.backend import backend_of, frameworks, packages
from lrspec.codegen.emit import emit
from lrspec.engine.state_machine import continued
from lrspec.importers.scheduler import of_description
from lrspec.port.port import ports
from lrspec.port.result import Port
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Question, Worker
from lrspec.scenario.actions import Action
from lrspec.scenario.metrics import telling_metrics
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import Case
from lrspec.suite.departing import meant

FRAMEWORKS = [name for name, backend in frameworks().items() if backend.readable]
PLATEAU = {
    "schedule": "reduce_on_plateau",
    "base_lr": 0.1,
    "factor": 0.5,
    "patience": 2,
    "threshold": 0.25,
}
RECIPES = {
    "min": from_dict(PLATEAU),
    "max": from_dict({**PLATEAU, "mode": "max", "threshold_mode": "abs", "min_lr": 0.01}),
    "cooldown": from_dict({**PLATEAU, "cooldown": 3}),
}
#: Recipes that Paddle's runs depart from.
DEPARTING = {
    "departs-cooldown": from_dict({**PLATEAU, "patience": 1, "cooldown": 2}),
    "departs-nan": from_dict({**PLATEAU, "mode": "max", "cooldown": 1}),
}
#: The name of the telling metrics of each recipe.
TELLING = dict.fromkeys(RECIPES, "patience") | {
    "departs-cooldown": "cooldown",
    "departs-nan": "nan",
}
EVERY = {**RECIPES, **DEPARTING}
METRICS = {
    name: tuple(
        math.nan if metric is None else metric
        for metric in telling_metrics(EVERY[name], 99)[telling]
    )
    for name, telling in TELLING.items()
}
POSITIONS = [(name, k) for name, metrics in METRICS.items() for k in range(1, len(metrics))]
#: What each framework's `build_scheduler` takes.
ARGUMENTS = {
    "torch": "torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)",
    "oneflow": "oneflow.optim.SGD([oneflow.nn.Parameter(oneflow.zeros(1))], lr=0.1)",
    "paddle": "",
}
SCRIPT = """import {framework}
{source}

def after(metrics):
    scheduler = build_scheduler({argument})
    for metric in metrics:
        scheduler.step(metric)
    return scheduler

nan = float("nan")
"""


def rates(worker: Worker, source: str, base: float, metrics: tuple[float, ...]) -> list[float]:
    """Return the rates that a framework uses; the last one is after the last metric."""
    actions = (Action("metrics", (*metrics, metrics[-1])),)
    return [row[0] for row in worker.ask(Question(source, (base,), actions)).reported]


@pytest.fixture(scope="module")
def whole() -> dict[tuple[str, str], list[float]]:
    """The rates of each recipe's uninterrupted run in each framework."""
    found = {}
    for framework in FRAMEWORKS:
        backend = backend_of(framework)
        with Worker(backend, interpreter(backend)[0]) as worker:
            for name, recipe in EVERY.items():
                source = emit(recipe, backend).text
                found[framework, name] = rates(worker, source, 0.1, METRICS[name])
    return found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, int], Recipe]:
    """What is read of each recipe's scheduler in each framework after each metric."""
    found = {}
    for framework in FRAMEWORKS:
        backend, folder = backend_of(framework), tmp_path_factory.mktemp(framework)
        with Worker(backend, interpreter(backend)[0]) as worker:
            for name, k in POSITIONS:
                path = _script(folder, framework, name)
                expression = f"after({list(METRICS[name][:k])})"
                request = {"path": path, "expression": expression, "trusted": packages()}
                answer = worker.describe({"read": request})
                found[framework, name, k], _ = meant(of_description(answer.description))
    return found


def _script(folder: Path, framework: str, name: str) -> str:
    source = emit(EVERY[name], backend_of(framework)).text
    path = folder / f"{name}.py"
    argument = ARGUMENTS[framework]
    path.write_text(SCRIPT.format(framework=framework, source=source, argument=argument))
    return str(path)


@pytest.fixture(scope="module")
def ported(read) -> dict[tuple[str, str, int, str], Port]:
    """The port of each recipe that was read to each framework."""
    keys = list(product(read, FRAMEWORKS))
    wanted = [(Case(f"{key} {to}", "", continued(read[key])), backend_of(to)) for key, to in keys]
    return {(*key, to): port for (key, to), port in zip(keys, ports(wanted), strict=True)}


def test_paddles_run_departs_from_the_others(whole):
    for name in DEPARTING:
        assert whole["torch", name] == whole["oneflow", name]
        assert whole["paddle", name] != whole["torch", name]


def test_only_what_can_still_depart_is_read_with_the_dialect(read):
    """After the first metric, a new best one during a cooldown; nothing if the best one is NaN."""
    with_dialect = {(home, name) for (home, name, _), recipe in read.items() if recipe.dialect}
    assert with_dialect == {("paddle", "cooldown"), ("paddle", "departs-cooldown")}


def test_the_runs_are_reduced_more_than_once_and_are_the_same_in_all_frameworks(whole):
    for name in RECIPES:
        assert len(set(whole["torch", name])) > 2
        assert [whole[framework, name] for framework in FRAMEWORKS] == [whole["torch", name]] * len(
            FRAMEWORKS
        )


@pytest.mark.parametrize("to", FRAMEWORKS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_plateau_that_is_read_in_mid_run_continues_in_another_framework(
    framework: str, to: str, whole, read, ported
):
    backend, wrong = backend_of(to), {}
    with Worker(backend, interpreter(backend)[0]) as worker:
        for name, k in POSITIONS:
            recipe, port = read[framework, name, k], ported[framework, name, k, to]
            base = continued(recipe).bases[0]
            found = rates(worker, port.source, base, METRICS[name][k:])
            if found != whole[framework, name][k:] or port.certificate.diverges:
                wrong[name, k] = found
    assert wrong == {}
