"""PaddleClas configurations, against rates worked out by hand from its own documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.importers.configuration import read_config
from lrspec.spec.recipe import Recipe

pytestmark = pytest.mark.every_python

RESNET = """
Global:
  epochs: 120
Optimizer:
  name: Momentum
  momentum: 0.9
  lr:
    name: Piecewise
    learning_rate: 0.1
  regularizer:
    name: 'L2'
    coeff: 0.0001
"""


def written(folder: Path, lr: str, epochs: int = 100) -> Path:
    path = folder / "config.yaml"
    path.write_text(f"Global: {{epochs: {epochs}}}\nOptimizer: {{name: SGD, lr: {lr}}}\n")
    return path


def rates(recipe: Recipe, *steps: int) -> list[float]:
    return at(recipe, list(steps))[:, 0].tolist()


def read(folder: Path, lr: str, updates_per_epoch: int = 10, **options: Any) -> Recipe:
    path = written(folder, lr)
    return read_config(path, "paddleclas", updates_per_epoch=updates_per_epoch, **options)


def test_a_whole_file_is_read(tmp_path: Path):
    """Piecewise with a learning_rate is a tenth every 30 epochs: 90 of 120 take three tenths."""
    path = tmp_path / "ResNet50.yaml"
    path.write_text(RESNET)
    recipe = read_config(path, "paddleclas", updates_per_epoch=5005)
    assert rates(recipe, 0, 30 * 5005 - 1, 30 * 5005) == [0.1, 0.1, 0.1 * 0.1]
    assert rates(recipe, 90 * 5005 - 1, 90 * 5005, 120 * 5005) == [
        0.1 * 0.1**2,
        *[0.1 * 0.1**3] * 2,
    ]


@pytest.mark.parametrize(
    ("lr", "values"),
    [
        ("{learning_rate: 0.5}", {0: 0.5, 999: 0.5}),
        ("{name: Constant, learning_rate: 0.5}", {0: 0.5, 999: 0.5}),
        # 5 epochs of warmup are 50 updates: update 25 is half-way from 0.1 to 0.5.
        ("{name: ConstLR, learning_rate: 0.5, warmup_epoch: 5, warmup_start_lr: 0.1}", {0: 0.1, 25: 0.3, 50: 0.5}),
        # 0.25 epochs are 2.5 updates, rounded to the even 2.
        ("{name: ConstLR, learning_rate: 1.0, warmup_epoch: 0.25}", {0: 0, 1: 0.5, 2: 1}),
        # (100 − 40) epochs are a fall of 600: half-way down at 400 + 300, three quarters left at 200.
        ("{name: Cosine, learning_rate: 2.0, warmup_epoch: 40}", {200: 1, 400: 2, 600: 1.5, 700: 1, 1000: 0}),
        ("{name: Cosine, learning_rate: 2.0, eta_min: 1.0}", {0: 2, 500: 1.5, 1000: 1}),
        # By epoch: a staircase, cos(π · 50 / 100) for all of epoch 50.
        ("{name: Cosine, learning_rate: 2.0, by_epoch: true}", {0: 2, 9: 2, 500: 1, 509: 1, 1000: 0}),
        ("{name: Linear, learning_rate: 2.0, end_lr: 1.0, warmup_epoch: 20}", {100: 1, 200: 2, 600: 1.5, 1000: 1, 2000: 1}),
        ("{name: Linear, learning_rate: 2.0, power: 2.0}", {0: 2, 500: 0.5, 1000: 0}),
        # Linear by epoch falls over 100 − 10 epochs, but warms up over 10 · 10 of them.
        ("{name: Linear, learning_rate: 2.0, by_epoch: true, warmup_epoch: 10}", {0: 0, 500: 1, 509: 1, 1000: 2, 1450: 1}),
        ("{name: Step, learning_rate: 1.0, step_size: 30, gamma: 0.5}", {299: 1, 300: 0.5, 600: 0.25}),
        # The steps are counted from the end of the warmup, 5 epochs later.
        ("{name: Step, learning_rate: 1.0, step_size: 30, gamma: 0.5, warmup_epoch: 5}", {349: 1, 350: 0.5}),
        ("{name: MultiStepDecay, learning_rate: 1.0, milestones: [3, 6], gamma: 0.5}", {29: 1, 30: 0.5, 60: 0.25}),
        ("{name: MultiStepDecay, learning_rate: 1.0, milestones: [3, 6], by_epoch: true}", {29: 1, 30: 0.1}),
        ("{name: Piecewise, decay_epochs: [30, 60], values: [0.1, 0.7, 0.2]}", {299: 0.1, 300: 0.7, 600: 0.2}),
        # The steps of Cyclic are updates, regardless of the epochs: 4 up, 4 down.
        ("{name: Cyclic, base_learning_rate: 1.0, max_learning_rate: 3.0, step_size_up: 4}", {0: 1, 2: 2, 4: 3, 6: 2, 8: 1}),
        # 0.301 · 1000 − 1 = 300 updates up from 5/5; the end of 1000 is 0.5.
        ("{name: OneCycleLR, max_learning_rate: 5.0, divide_factor: 5.0, end_learning_rate: 0.5, phase_pct: 0.301}", {0: 1, 150: 3, 300: 5, 999: 0.5}),
        # cos(π/2 · 500 / 1000) = √2/2 without a warmup.
        ("{name: CosineFixmatch, learning_rate: 1.0, num_warmup_steps: 0, num_cycles: 0.5}", {0: 1, 500: 2**-0.5, 1000: 0}),
        ("{name: CosineFixmatch, learning_rate: 1.0, num_warmup_steps: 200, num_cycles: 0.5}", {100: 0.5, 200: 1, 600: 2**-0.5}),
    ],
)  # fmt: skip
def test_a_schedule_has_the_rates_that_its_documentation_gives(
    lr: str, values: dict[int, float], tmp_path: Path
):
    recipe = read(tmp_path, lr)
    peak = max(values.values())
    assert rates(recipe, *values) == pytest.approx(list(values.values()), abs=1e-15 * peak)


def test_numbers_without_a_point_are_numbers_as_in_paddleclas(tmp_path: Path):
    recipe = read(tmp_path, "{name: Cosine, learning_rate: 1e-3, eta_min: 2e-5}")
    assert rates(recipe, 0, 1000) == [1e-3, 2e-5]


def test_epochs_replaces_the_epochs_of_the_file(tmp_path: Path):
    recipe = read(tmp_path, "{name: Cosine, learning_rate: 2.0}", epochs=10)
    assert recipe.to_dict()["T_max"] == 100


def test_a_list_of_one_optimizer_is_read(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text("Optimizer:\n  - AdamW: {scope: all, lr: {learning_rate: 0.5}}\n")
    assert rates(read_config(path, "paddleclas"), 0) == [0.5]


@pytest.mark.parametrize(
    ("lr", "message"),
    [
        ("{name: Cosine, learning_rate: 0.5, warmup_steps: 20}", "$.Optimizer.lr.warmup_steps: found an unknown field, expected only by_epoch, eta_min, last_epoch, learning_rate, name, verbose, warmup_epoch, warmup_start_lr"),
        ("{name: Constant, learning_rate: 0.5, warmup_epoch: 5}", "$.Optimizer.lr.warmup_epoch: found an unknown field"),
        ("{name: Noam, learning_rate: 0.5}", '$.Optimizer.lr.name: found "Noam", expected one of Constant, ConstLR, Linear'),
        ("{name: ReduceOnPlateau, learning_rate: 0.5}", "$.Optimizer.lr.name: found ReduceOnPlateau, expected a schedule that reads no metrics"),
        ("{name: Cosine}", "$.Optimizer.lr.learning_rate: found nothing, expected a value"),
        ("{name: Cosine, learning_rate: fast}", '$.Optimizer.lr.learning_rate: found "fast", expected a number'),
        ("{name: Cosine, learning_rate: [1]}", "$.Optimizer.lr.learning_rate: found [1], expected a number"),
        ("{name: Cosine, learning_rate: 1.0, by_epoch: 1}", "$.Optimizer.lr.by_epoch: found 1, expected true or false"),
        ("{name: Cosine, learning_rate: 1.0, by_epoch: true, warmup_epoch: 2.5}", "$.Optimizer.lr.warmup_epoch: found 97.5, expected a whole number"),
        ("{name: Cosine, learning_rate: -1.0}", "$.Optimizer.lr.base_lr: found -1.0, expected a number above 0"),
        ("{name: Cosine, learning_rate: 1.0, last_epoch: 7}", "$.Optimizer.lr.last_epoch: found 7, expected its default"),
        ("{name: Cyclic, base_learning_rate: 1.0, max_learning_rate: 2.0, step_size_up: 4, scale_fn: f}", '$.Optimizer.lr.scale_fn: found "f", expected one of the modes'),
        ("{name: Piecewise, decay_epochs: [30], values: [1.0, 2.0, 3.0]}", "$.Optimizer.lr.values: found [1.0, 2.0, 3.0], expected one more value"),
        ("{name: OneCycleLR, max_learning_rate: 1.0, end_learning_rate: 0}", "$.Optimizer.lr: found a rate or divisor of 0"),
        ("0.5", "$.Optimizer.lr: found 0.5, expected an object of named fields"),
    ],
)  # fmt: skip
def test_an_unknown_or_invalid_field_is_named(lr: str, message: str, tmp_path: Path):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, lr)
    assert str(caught.value).startswith(f"{tmp_path / 'config.yaml'}: {message}")


def test_epochs_need_the_updates_per_epoch(tmp_path: Path):
    path = written(tmp_path, "{name: Cosine, learning_rate: 0.5}")
    with pytest.raises(BadInput, match=r"^--updates-per-epoch: found nothing, expected the upd"):
        read_config(path, "paddleclas")
    path.write_text("Optimizer: {lr: {name: Cosine, learning_rate: 0.5}}")
    with pytest.raises(BadInput, match=r"\$\.Global\.epochs: found nothing"):
        read_config(path, "paddleclas", updates_per_epoch=10)


def test_two_optimizers_are_two_schedules(tmp_path: Path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "Optimizer:\n  - A: {lr: {learning_rate: 1.0}}\n  - B: {lr: {learning_rate: 2.0}}\n"
    )
    with pytest.raises(BadInput, match=r"found \[an object, an object\], expected one optimizer"):
        read_config(path, "paddleclas")
