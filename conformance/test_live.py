"""`lrspec.build` and `lrspec.read` in a user's own process, on a live optimizer of each framework."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrspec import resources
from lrspec.bindings.backend import Backend, backend_of
from lrspec.engine.closed_form import trace
from lrspec.runtime.interpreter import interpreter
from lrspec.spec.recipe import from_dict

#: Requirements of lrspec that no framework installs.
NEEDS = ("msgspec>=0.18", "packaging>=23")
STEPS = 12
WARMUP = {
    "schedule": "linear_warmup",
    "base_lr": 0.5,
    "warmup_steps": 4,
    "start_lr": 0.0,
    "end_lr": 0.5,
    "after": {"schedule": "cosine_annealing", "T_max": 6},
}
#: The native class is right for the first recipe; for `exact` no framework's class is.
RECIPES = {
    "native": {"schedule": "exponential", "base_lr": 0.5, "gamma": 0.9},
    "warmup": WARMUP,
    "exact": {"schedule": "one_cycle", "max_lr": 1.0, "total_steps": 9},
}
OPTIMIZERS = {
    "torch": "torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=9.0)",
    "oneflow": "oneflow.optim.SGD([oneflow.nn.Parameter(oneflow.zeros(1))], lr=9.0)",
    "paddle": "paddle.optimizer.SGD(9.0, parameters=[paddle.nn.Linear(1, 1).weight])",
}
RATES = {
    "torch": "optimizer.param_groups[0]['lr']",
    "oneflow": "optimizer.param_groups[0]['lr']",
    "paddle": "optimizer.get_lr()",
}
SCRIPT = """
import json, os, sys

sys.path[:0] = {paths!r}
sys.path += {late!r}
import {framework}
import lrspec

optimizer = {optimizer}
scheduler = lrspec.build({recipe!r}, optimizer)
lrspec.assert_follows(scheduler, {recipe!r}, steps={steps})
wrong = dict({recipe!r}, base_lr=0.25) if "base_lr" in {recipe!r} else dict({recipe!r}, max_lr=0.5)
try:
    lrspec.assert_follows(scheduler, wrong, steps={steps})
except AssertionError as error:
    message = str(error)
rates = []
for _ in range({steps}):
    rates.append({rate})
    optimizer.step()
    scheduler.step()
read = lrspec.read(scheduler)
module = type(scheduler).__module__
print(json.dumps([rates, read.to_dict(), read.position, module, message]), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="session")
def libraries(request: pytest.FixtureRequest):
    """Return the folder of what lrspec needs for a version of Python, made once."""

    def folder(version: str) -> Path:
        path = request.config.rootpath / ".nox" / f"live-{version}"
        if not (path / "packaging").is_dir():
            pip = (sys.executable, "-m", "pip", "install", "-q", "--target", str(path))
            binary = ("--only-binary=:all:", "--python-version", version)
            subprocess.run([*pip, *binary, *NEEDS], check=True)
        return path

    return folder


def lived(backend: Backend, recipe: dict, libraries) -> list:
    """Return the rates, the recipe that is read, its position, the module, and a mismatch."""
    script = SCRIPT.format(
        paths=[str(resources.root() / "src")],
        late=[str(libraries(backend.python))],
        framework=backend.framework,
        optimizer=OPTIMIZERS[backend.framework],
        rate=RATES[backend.framework],
        recipe=recipe,
        steps=STEPS,
    )
    python, _ = interpreter(backend)
    command = [python, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("framework", OPTIMIZERS)
def test_a_scheduler_is_built_on_a_live_optimizer_and_read_again(
    framework: str, name: str, libraries
):
    rates, read, position, module, message = lived(backend_of(framework), RECIPES[name], libraries)
    recipe = from_dict(RECIPES[name])
    expected = trace(recipe, STEPS)[:, 0]
    np.testing.assert_allclose(rates, expected, rtol=0, atol=1e-12 * expected.max())
    assert "the scheduler does not follow the " in message
    assert position == STEPS
    read.pop("about")
    np.testing.assert_allclose(trace(from_dict(read), STEPS)[:, 0], expected, atol=1e-12)
    if name == "exact":
        assert {**read, "base_lr": None} == {**RECIPES[name], "base_lr": None}
    assert module.partition(".")[0] == framework
