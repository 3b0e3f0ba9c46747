"""A script that reproduces a departure runs alone and has only what the run needs."""

from __future__ import annotations

import ast
import dataclasses
import math
from itertools import starmap

import pytest
from jsonschema import Draft202012Validator

from lrspec import resources
from lrspec.bindings.backend import backend_of, backends
from lrspec.codegen.emit import emit
from lrspec.codegen.reproducer import reproducer
from lrspec.scenario.actions import Action
from lrspec.scenario.builders import SCENARIOS, expand
from lrspec.scenario.declaration import declared
from lrspec.spec.recipe import from_dict

pytestmark = pytest.mark.every_python

STEP = from_dict({"schedule": "step", "base_lr": [0.5, 0.25], "step_size": 4, "gamma": 0.5})
SOURCE = "def build_scheduler(optimizer):\n    return None\n"


def script(backend: str, *actions, updates: int = 99, others=()) -> list[str]:
    scenario = dataclasses.replace(
        expand(STEP, "stepwise", 9)[0], actions=tuple(starmap(Action, actions))
    )
    rows = [(updates - 1, 7, [0.5, 0.25])]
    return reproducer(SOURCE, backend_of(backend), scenario, rows, others).splitlines()


def test_a_run_is_written_line_after_line():
    lines = script("torch", ("updates", 5), ("set", 0.05), ("updates", 3))
    assert lines[-4:] == [
        "train(5)",
        "for group in optimizer.param_groups:",
        '    group["lr"] = 0.05',
        "train(3)",
    ]
    assert lines[:2] == ["import torch", "def build_scheduler(optimizer):"]
    assert "zip(weights, [0.5, 0.25])" in lines[-6]


def test_factors_are_multiples_of_the_first_rate():
    assert "        show([scheduler() * factor for factor in [1.0, 0.5]])" in script(
        "paddle", ("updates", 1)
    )


def test_only_the_functions_that_are_used_are_defined():
    def defined(*actions):
        return [line for line in script("torch", *actions) if line.startswith("def ")][2:]

    assert defined(("updates", 1), ("jump", 3)) == ["def train(n):"]
    assert defined(("steps", (1, 1))) == ["def step(n, stride):"]
    assert defined(("metrics", (1.0, 2.0))) == ["def train(metrics):"]


def test_expected_rates_are_printed_beside_observed_ones():
    lines = script("torch", ("updates", 5), updates=4)
    assert "    3: (7, [0.5, 0.25])," in lines
    assert '        print(f"step {step}: {rates}, expected {right}", flush=True)' in lines


def test_a_run_is_cut_after_the_last_row():
    cut = script("torch", ("updates", 4), ("jump", 1.5), ("updates", 4), ("jump", 2), updates=6)
    assert cut[-3:] == ["train(4)", "scheduler.step(1.5)", "train(2)"]
    cut = script("torch", ("metrics", (3.0, math.nan, 1.0)), ("resume", "right"), updates=2)
    assert cut[-1] == 'train([3.0, float("nan")])'


def test_no_updates_are_no_line():
    lines = script("torch", ("updates", 0), ("rebuild", None), ("updates", 1))
    assert lines[-2:] == ["scheduler = build_scheduler(optimizer)", "train(1)"]


def test_each_order_of_a_resume_has_its_own_lines():
    right = script("oneflow", ("resume", "right"), ("updates", 1))
    assert right[-3] == "scheduler.load_state_dict(saved[0])"
    assert right[-2] == "optimizer.load_state_dict(saved[1])"
    late = script("oneflow", ("resume", "built-late"), ("updates", 1))
    assert late[-4] == "optimizer.load_state_dict(saved[1])"
    assert late[-3] == "scheduler = build_scheduler(optimizer)"


def test_other_schedulers_are_built_beside_the_first():
    lines = script("torch", ("updates", 2), ("use", 1), ("updates", 2), others=(SOURCE, SOURCE))
    calls = "build_scheduler_1(optimizer), build_scheduler_2(optimizer)"
    assert lines[-4] == f"schedulers = [scheduler, {calls}]"
    assert lines[-2] == "scheduler = schedulers[1]"
    assert "def build_scheduler_2(optimizer):" in lines


@pytest.mark.parametrize("framework", sorted({b.framework for b in backends().values()}))
def test_the_templates_of_a_framework_are_valid_and_are_those_of_its_modes(framework):
    folder = resources.root() / "backends" / framework
    schema = resources.read_json(resources.root() / "spec" / "schema" / "reproducer.schema.json")
    templates = resources.read_json(folder / "reproducer.json")
    assert [e.message for e in Draft202012Validator(schema).iter_errors(templates)] == []
    modes = {name for name, mode in backends().items() if mode.framework == framework}
    assert set(templates) - {"$schema"} == modes
    assert {mode["like"] for name, mode in templates.items() if "like" in mode} <= modes


def test_reads_and_steps_of_several_schedulers_are_cut_too():
    assert script("torch", ("read", 9), updates=3)[-1] == "read_and_train(3)"
    assert script("torch", ("get_lr", 9), updates=3)[-1] == "get_lr(3)"
    lines = script("paddle", ("together", (9, 2)), updates=3, others=(SOURCE,))
    assert lines[-1] == "train_together(3)"
    assert "            optimizer.set_lr_scheduler(each)" in lines


def test_a_momentum_is_shown_where_it_is_what_differs():
    scenario = dataclasses.replace(expand(STEP, "stepwise", 9)[0], actions=(Action("updates", 3),))
    shown = {}
    for of in ("rate", "momentum"):
        for name in ("torch", "torch-tensor"):
            text = reproducer(SOURCE, backend_of(name), scenario, [(0, 0, [0.5, 0.25])], (), of)
            shown[name, of] = [line.strip() for line in text.splitlines() if "show([" in line]
    option = "for group in optimizer.param_groups])"
    assert shown["torch", "rate"] == [f'show([group["lr"] {option}']
    assert shown["torch", "momentum"] == [f'show([group["momentum"] {option}']
    assert shown["torch-tensor", "momentum"] == [f'show([float(group["momentum"]) {option}']


BY_NAME = [f"{name}:{v}" for name, entry in declared().items() for v in entry.asked]


@pytest.mark.parametrize("scenario", [*SCENARIOS, *BY_NAME])
@pytest.mark.parametrize("mode", backends())
def test_every_scenario_that_a_mode_can_follow_has_a_script(mode: str, scenario: str):
    backend = backend_of(mode)
    plateau = {"schedule": "reduce_on_plateau", "base_lr": 0.5}
    recipe = from_dict(plateau) if scenario == "metrics" else STEP
    kind = scenario.partition(":")[0]
    runs = [] if kind in backend.mode.unsupported_scenarios else expand(recipe, scenario, 9)
    for run in runs:
        source = emit(recipe, backend, resumable=run.index is not None).text
        rows = [(len(run.t) - 1, run.t[-1].item(), [0.5])]
        text = reproducer(source, backend, run, rows, [source for _ in run.others])
        assert "$" not in text
        ast.parse(text)
