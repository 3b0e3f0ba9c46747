"""What is read of a scheduler in a training script has the rates of the script's own run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lrspec.bindings.backend import backend_of, packages
from lrspec.cli.app import run as cli
from lrspec.engine import closed_form
from lrspec.errors import BadInput
from lrspec.importers.scheduler import Read, of_description
from lrspec.runtime.interpreter import interpreter
from lrspec.runtime.process import Worker
from lrspec.spec.recipe import from_dict

FOLDER = Path(__file__).with_name("user_files")
STEPS = 40
#: The expressions whose schedulers are read and run, and what the recipe is.
READ = {
    "torch": {
        "[step, exponential]": ["step", "exponential"],
        "[exponential, step]": ["exponential", "step"],
        "(exponential, linear, step)": ["exponential", "linear", "step"],
        "stepped(5, step, exponential)": ["step", "exponential"],
        "[alone]": "step",
        "[step, by_lambda]": "lambda",
        "Inverse(sgd(0.1), 0.5)": "lambda",
        "stepped(7, Inverse(sgd(0.1, 0.02), 0.5))": "lambda",
        "WarmupCosine(sgd(0.1), 5, 30, 0.01)": "lambda",
        "ByGroup(sgd(0.1, 0.3))": "lambda",
        "warmed()": ["linear", "lambda"],
        "Above(sgd(0.1, 0.3))": "lambda",
        "lrs.OneCycleLR(sgd(1, 1), [0.1, 0.3], 50, cycle_momentum=False)": "one_cycle",
        "stepped(9, lrs.OneCycleLR(sgd(1, 1), [0.1, 0.3], 60))": "one_cycle",
        "lrs.CyclicLR(sgd(1, 1), [0.1, 0.2], [0.3, 0.7], 5, cycle_momentum=False)": "cyclic",
        "lrs.LambdaLR(sgd(0.1, 0.3), [lambda t: 0.9**t, lambda t: 1 / (t + 1)])": "lambda",
        "lrs.MultiplicativeLR(sgd(0.1, 0.3), [lambda t: 0.9, lambda t: 0.8])": "multiplicative",
        "by_hand(stepped(5, lrs.StepLR(sgd(0.1), 4)), 0.02)": "step",
        "by_hand(stepped(5, lrs.StepLR(sgd(0.1, 0.2), 4)), 0.02, 0.08)": "step",
        "by_hand(stepped(9, lrs.CosineAnnealingLR(sgd(0.1), 300, 0.01)), 0.05)": "cosine_annealing",
        "second(7, lambda o: lrs.ExponentialLR(o, 0.9), lambda o: lrs.StepLR(o, 4))": "step",
        "second(7, lambda o: lrs.StepLR(o, 3), lambda o: lrs.LinearLR(o, 0.5))": "linear",
        "second(7, lambda o: lrs.StepLR(o, 3), lambda o: lrs.LambdaLR(o, lambda t: 0.8**t))": "lambda",
        "resumed(6, lambda o: lrs.StepLR(o, 4))": "step",
        "resumed(6, lambda o: lrs.CosineAnnealingLR(o, 90))": "cosine_annealing",
        "from_index(5, lambda o, k: lrs.StepLR(o, 3, last_epoch=k))": "step",
    },
    "oneflow": {
        "[step, exponential]": "exponential",
        "stepped(4, Inverse(sgd(0.1, 0.02), 0.5))": "lambda",
        "lrs.LambdaLR(sgd(0.1, 0.3), [lambda t: 0.9**t, lambda t: 1 / (t + 1)])": "lambda",
        "second(7, lambda o: lrs.ExponentialLR(o, 0.9), lambda o: lrs.StepLR(o, 4))": "step",
        "resumed(6, lambda o: lrs.StepLR(o, 4))": "step",
    },
    "paddle": {
        "Inverse(0.1, 0.5)": "lambda",
        "stepped(4, Inverse(0.1, 0.5))": "lambda",
    },
}
#: The expressions that are read with a note, and what the note says.
NOTED = {
    "torch": {
        "step": "the optimizer has other schedulers, ExponentialLR (exponential) and",
        "plateau": "another scheduler, StepLR (beside), beside the one that is read: no recipe says",
        "beside": "another scheduler, ReduceLROnPlateau (plateau), beside",
        "[step, by_lambda]": "StepLR has no effect: LambdaLR, stepped after it, sets the rate",
        "by_hand(stepped(5, lrs.StepLR(sgd(0.1), 4)), 0.02)": "the rate was changed from outside: "
        "from step 5 on the run goes on as with base_lr=0.2; it began with 0.1",
        "by_hand(stepped(5, lrs.LambdaLR(sgd(0.1), lambda t: 0.9**t)), 0.05)": "at step 5 it uses "
        "0.05 where the recipe has 0.059049, in this update alone",
        "[by_lambda, exponential]": "at step 2 it uses 0.0576 where the recipe has 0.05184",
    },
    "oneflow": {
        "step": "the optimizer has another scheduler, ExponentialLR (exponential)",
        "by_hand(stepped(5, lrs.StepLR(sgd(0.1), 4)), 0.02)": "at step 5 it uses 0.02 where the "
        "recipe has 0.01, in this update alone",
    },
    "paddle": {},
}
#: The expressions that are refused, and what the message says.
REFUSED = {
    "torch": {
        "Recursive(sgd(0.1))": "Recursive, whose get_lr is its own, expected a formula of "
        "last_epoch and the base rates: it reads group['lr'], the rate of the step before",
        "[beside, plateau]": "StepLR and ReduceLROnPlateau on one optimizer, expected a plateau "
        "alone: no recipe says what it does beside a schedule of the step",
        "Floored(sgd(0.1), 3)": "Floored, whose get_lr is its own",
        "Counting(sgd(0.1))": "Counting, whose get_lr is its own",
    },
    "oneflow": {},
    "paddle": {},
}
#: Runs each expression of a script as a training loop would, and prints the rates that it uses.
RUN = """
import json, runpy, sys

def rates(value):
    schedulers = list(value) if isinstance(value, (list, tuple)) else [value]
    optimizer = getattr(schedulers[0], "optimizer", None)
    rows = []
    for _ in range(int(sys.argv[2])):
        if optimizer is None:
            rows.append([schedulers[0].last_lr])
        else:
            rows.append([float(group["lr"]) for group in optimizer.param_groups])
            optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return rows

runs = {e: rates(eval(e, runpy.run_path(sys.argv[1]))) for e in sys.argv[3:]}
print("\\n" + json.dumps(runs))
"""


@pytest.fixture(scope="module")
def ran() -> dict[str, dict[str, Any]]:
    """The rates that each framework itself uses, from the step that an expression leaves it at."""
    found = {}
    for framework, expressions in READ.items():
        python, _ = interpreter(backend_of(framework))
        path = str(FOLDER / f"runs_{framework}.py")
        command = [python, "-c", RUN, path, str(STEPS), *expressions]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        found[framework] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def described() -> dict[str, dict[str, Any]]:
    """The description of the schedulers of each expression, in its framework."""
    found = {}
    for framework, expressions in READ.items():
        backend = backend_of(framework)
        path = str(FOLDER / f"runs_{framework}.py")
        with Worker(backend, interpreter(backend)[0]) as worker:

            def describe(expression: str, path: str = path, worker: Worker = worker) -> Any:
                request = {"path": path, "expression": expression, "trusted": packages()}
                answer = worker.describe({"read": request})
                assert answer.description is not None, answer.reason
                return msgspec.to_builtins(answer.description)

            every = {**expressions, **NOTED[framework], **REFUSED[framework]}
            found[framework] = {expression: describe(expression) for expression in every}
    return found


def rows(table: dict[str, dict[str, Any]]) -> Callable[..., Any]:
    """Return a parametrization over the rows of *table*: framework, expression, value."""
    every = [
        (name, e, value) for name, expressions in table.items() for e, value in expressions.items()
    ]
    ids = [f"{name}:{expression}" for name, expression, _ in every]
    return pytest.mark.parametrize(("framework", "expression", "expected"), every, ids=ids)


def rates(read: Read) -> Any:
    """Return the rates of what was read, from its position on."""
    position = int(read.recipe.position)
    return closed_form.at(read.recipe, np.arange(position, position + STEPS))


@rows(READ)
def test_what_is_read_has_the_rates_of_the_run(
    framework: str, expression: str, expected: Any, described, ran
):
    read = of_description(described[framework][expression])
    assert expected == ([member.kind for member in read.recipe.members()] or read.recipe.kind)
    own = np.array(ran[framework][expression])
    np.testing.assert_allclose(rates(read), own, rtol=0, atol=1e-12 * own.max())


@rows(NOTED)
def test_what_else_acts_on_the_rate_is_noted(
    framework: str, expression: str, expected: str, described
):
    notes = of_description(described[framework][expression]).notes
    assert any(expected in note for note in notes), notes


@rows(REFUSED)
def test_a_refusal_names_the_class_and_the_reason(
    framework: str, expression: str, expected: str, described
):
    with pytest.raises(BadInput) as refused:
        of_description(described[framework][expression])
    assert expected in str(refused.value)


@pytest.mark.parametrize("expression", ["[alone]", "warmed()"])
def test_a_scheduler_alone_on_its_optimizer_gets_no_note(expression: str, described):
    assert of_description(described["torch"][expression]).notes == ()


def test_a_scheduler_that_is_stepped_once_an_epoch_goes_on_in_updates(ran, capsys):
    expression = "by_hand(stepped(5, lrs.StepLR(sgd(0.1), 4)), 0.02)"
    target = f"{FOLDER / 'runs_torch.py'}:{expression}"
    assert cli(["read", target, "--updates-per-epoch", "7", "--json"]) == 0
    recipe = from_dict(json.loads(capsys.readouterr().out))
    assert recipe.position == 5 * 7
    steps = np.arange(recipe.position, recipe.position + 7 * STEPS)
    own = np.repeat(np.array(ran["torch"][expression]), 7, axis=0)
    np.testing.assert_allclose(closed_form.at(recipe, steps), own, rtol=0, atol=1e-12 * own.max())
