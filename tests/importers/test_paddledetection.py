"""PaddleDetection configurations, against rates worked out by hand from its own lists of rates."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.importers.configuration import read_config
from lrspec.spec.recipe import Recipe

pytestmark = pytest.mark.every_python

ONE_X = """
epoch: 12
LearningRate:
  base_lr: 0.01
  schedulers:
  - !PiecewiseDecay
    gamma: 0.1
    milestones: [8, 11]
  - !LinearWarmup
    start_factor: 0.1
    steps: 1000
OptimizerBuilder:
  optimizer: {momentum: 0.9, type: Momentum}
"""


def read(folder: Path, text: str, updates_per_epoch: int | None = 100) -> Recipe:
    path = folder / "optimizer.yml"
    path.write_text(text)
    return read_config(path, "paddledetection", updates_per_epoch=updates_per_epoch)


def of(*schedulers: str, base: float = 1.0) -> str:
    listed = "".join(f"\n  - {one}" for one in schedulers)
    return f"LearningRate:\n  base_lr: {base}\n  schedulers:{listed}\n"


def rates(recipe: Recipe, *steps: int) -> list[float]:
    return at(recipe, list(steps))[:, 0].tolist()


def test_a_whole_file_is_read(tmp_path: Path):
    """Milestones count from the start of the run: epoch 8 of 7,330 updates is update 58,640."""
    recipe = read(tmp_path, ONE_X, 7330)
    assert rates(recipe, 0, 500, 1000, 58_639) == pytest.approx([0.001, 0.0055, 0.01, 0.01])
    assert rates(recipe, 58_640, 80_629, 80_630) == pytest.approx([0.001, 0.001, 0.0001])
    assert recipe.to_dict() == {
        "schedule": "linear_warmup",
        "base_lr": 0.01,
        "warmup_steps": 1000,
        "start_lr": 0.001,
        "after": {"schedule": "multistep", "milestones": [57_640, 79_630], "gamma": 0.1},
    }


def test_a_name_says_the_same_as_a_tag(tmp_path: Path):
    named = ONE_X.replace("!PiecewiseDecay\n   ", "name: PiecewiseDecay\n   ")
    named = named.replace("!LinearWarmup\n   ", "name: LinearWarmup\n   ")
    assert "!" not in named
    assert read(tmp_path, named).to_dict() == read(tmp_path, ONE_X).to_dict()


def test_the_defaults_are_those_of_the_classes(tmp_path: Path):
    """base_lr 0.01; 500 updates from a third; a tenth at epoch 8, a hundredth at epoch 11."""
    recipe = read(tmp_path, "LearningRate: {}")
    assert rates(recipe, 0, 250, 500, 799, 800, 1100) == pytest.approx(
        [0.01 / 3, 0.02 / 3, 0.01, 0.01, 0.001, 0.0001]
    )


ALONE = "use_warmup: false"
_LAST = (1 + math.cos(math.pi * 799 / 800)) / 2  # one step before the minimum


@pytest.mark.parametrize(
    ("schedulers", "values"),
    [
        ([f"!PiecewiseDecay {{milestones: [3, 5], gamma: [0.5, 0.125], {ALONE}}}"], {299: 1, 300: 0.5, 500: 0.125}),
        # One number: a tenth of it at each milestone after the first.
        ([f"!PiecewiseDecay {{milestones: [3, 5], gamma: 0.5, {ALONE}}}"], {299: 1, 300: 0.5, 500: 0.05}),
        ([f"!PiecewiseDecay {{milestones: [3, 5], values: [0.5, 2, 0.25], {ALONE}}}"], {0: 0.5, 300: 2, 500: 0.25}),
        # A milestone within the warmup is passed when the warmup ends.
        (["!PiecewiseDecay {milestones: [1, 5]}", "!LinearWarmup {steps: 200}"], {199: 2 / 3 / 200 * 199 + 1 / 3, 200: 0.1, 500: 0.01}),
        (["!PiecewiseDecay {milestones: [1, 2]}", "!LinearWarmup {steps: 200}"], {200: 0.01, 900: 0.01}),
        # Epochs take precedence over steps, unless epochs_first is false.
        (["!PiecewiseDecay", "!LinearWarmup {epochs: 2, steps: 50, start_factor: 0.0}"], {100: 0.5, 200: 1}),
        (["!PiecewiseDecay", "!LinearWarmup {epochs: 2, steps: 50, start_factor: 0.0, epochs_first: false}"], {25: 0.5, 50: 1}),
        # Without steps there is still one, with the first rate.
        (["!PiecewiseDecay", "!LinearWarmup {steps: 0}"], {0: 1 / 3, 1: 1}),
        (["!PiecewiseDecay", "!ExpWarmup {steps: 200}"], {0: 0, 100: 0.25, 200: 1, 800: 0.1}),
        (["!PiecewiseDecay", "!ExpWarmup {epochs: 1, power: 3}"], {50: 0.125, 100: 1}),
        ([f"!CosineDecay {{max_epochs: 8, {ALONE}}}"], {0: 1, 400: 0.5, 800: 0, 1200: 0.5}),
        # The decay takes the updates after the warmup, and its last rate but one is kept.
        (["!CosineDecay {max_epochs: 10}", "!LinearWarmup {steps: 200}"], {200: 1, 600: 0.5, 999: _LAST, 1000: _LAST, 5000: _LAST}),
        (["!CosineDecay {max_epochs: 10, min_lr_ratio: 0.5}", "!LinearWarmup {epochs: 2}"], {200: 1, 600: 0.75, 5000: 0.5 + 0.5 * _LAST}),
        (["!CosineDecay {max_epochs: 10, min_lr_ratio: 0.5, last_plateau_epochs: 4}", "!LinearWarmup {epochs: 2}"], {200: 1, 400: 0.75, 600: 0.5, 5000: 0.5}),
        ([f"!CosineDecay {{max_epochs: 10, last_plateau_epochs: 2, {ALONE}}}"], {0: 1, 400: 0.5, 800: 0, 5000: 0}),
        # A warmup as long as the run leaves no updates for the decay.
        (["!CosineDecay {max_epochs: 2}", "!LinearWarmup {steps: 200}"], {200: 1, 900: 1}),
    ],
)  # fmt: skip
def test_a_schedule_has_the_rates_of_its_list(
    schedulers: list[str], values: dict[int, float], tmp_path: Path
):
    recipe = read(tmp_path, of(*schedulers))
    assert rates(recipe, *values) == pytest.approx(list(values.values()), abs=2e-15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("_BASE_: [x.yml]\n", "$.LearningRate: found nothing but a _BASE_, expected the file that contains it"),
        ("LearningRate: {lr: 1}", "$.LearningRate.lr: found an unknown field, expected only base_lr, schedulers"),
        (of("!OneCycle {max_lr: 1}"), '$.LearningRate.schedulers[0].name: found "OneCycle", expected one of PiecewiseDecay, CosineDecay'),
        (of("!CosineDecay {max_epochs: 3}"), "$.LearningRate.schedulers: found only a decay, expected a warmup after it"),
        (of("!LinearWarmup {steps: 3}", "!CosineDecay {max_epochs: 3}"), '$.LearningRate.schedulers[0].name: found "LinearWarmup"'),
        (of("!CosineDecay {epochs: 3, use_warmup: false}"), "$.LearningRate.schedulers[0].epochs: found an unknown field"),
        (of("!CosineDecay", "!LinearWarmup {factor: 3}"), "$.LearningRate.schedulers[1].factor: found an unknown field"),
        (of("!PiecewiseDecay {milestones: [3], gamma: [0.1, 0.2]}", "!LinearWarmup"), "$.LearningRate.schedulers[0].gamma: found a list of 2, expected one for each of 1"),
        (of("!PiecewiseDecay {milestones: [3], gamma: 0.1, values: [1, 2]}", "!LinearWarmup"), "$.LearningRate.schedulers[0].values: found values and a warmup, expected use_warmup false"),
        (of("!PiecewiseDecay {milestones: [5, 3]}", "!LinearWarmup"), "$.LearningRate.schedulers[0].milestones: found a list of 2, expected milestones in increasing order"),
        (of("!CosineDecay {max_epochs: 3, last_plateau_epochs: 3, use_warmup: false}"), "$.LearningRate.schedulers[0].last_plateau_epochs: found 3, expected fewer epochs"),
        (of("!CosineDecay {max_epochs: 1e1, use_warmup: false}"), '$.LearningRate.schedulers[0].max_epochs: found "1e1", expected a number'),
        (of("!CosineDecay 300"), "line 4: found !CosineDecay before a scalar or list, expected a mapping"),
        ("LearningRate: {schedulers: []}", "$.LearningRate.schedulers: found [], expected a list of a decay"),
    ],
)  # fmt: skip
def test_an_unknown_or_invalid_field_is_named(text: str, message: str, tmp_path: Path):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'optimizer.yml'}: {message}")


@pytest.mark.parametrize("updates", [None, 0])
def test_epochs_need_the_updates_per_epoch(updates: Any, tmp_path: Path):
    with pytest.raises(BadInput, match=r"^--updates-per-epoch: found"):
        read(tmp_path, ONE_X, updates)
