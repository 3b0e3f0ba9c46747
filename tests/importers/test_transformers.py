"""The names of transformers' `get_scheduler`, against rates worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from lrspec.engine.closed_form import at
from lrspec.errors import BadInput
from lrspec.importers.configuration import read_config
from lrspec.spec.recipe import Recipe

pytestmark = pytest.mark.every_python


def read(folder: Path, name: str, kwargs: dict[str, Any] | None = None, **fields: Any) -> Recipe:
    path = folder / "schedule.json"
    run = {"lr": 2.0, "num_warmup_steps": 100, "num_training_steps": 500}
    document = {"name": name, **run, "scheduler_specific_kwargs": kwargs, **fields}
    path.write_text(json.dumps({k: v for k, v in document.items() if v is not None}))
    return read_config(path, "transformers")


@pytest.mark.parametrize(
    ("name", "kwargs", "values"),
    [
        ("constant", {}, {0: 2, 900: 2}),
        ("constant_with_warmup", {}, {0: 0, 50: 1, 100: 2, 900: 2}),
        ("linear", {}, {50: 1, 100: 2, 300: 1, 500: 0, 900: 0}),
        # Half a wave in 400 updates, and up again after them.
        ("cosine", {}, {50: 1, 100: 2, 300: 1, 500: 0, 700: 1, 900: 2}),
        ("cosine", {"num_cycles": 1}, {100: 2, 200: 1, 300: 0, 500: 2}),
        # 0.3 waves in 400 updates: cos(2π · 0.3 · 1) at the end.
        ("cosine", {"num_cycles": 0.3}, {100: 2, 500: 1 + math.cos(0.6 * math.pi)}),
        ("cosine_with_restarts", {}, {50: 1, 100: 2, 300: 1, 500: 0, 900: 0}),
        ("cosine_with_restarts", {"num_cycles": 2}, {100: 2, 200: 1, 300: 2, 400: 1, 500: 0, 900: 0}),
        # Three cycles in 400 updates: update 200 is 100 · 3/400 = 3/4 of the way down the first.
        ("cosine_with_restarts", {"num_cycles": 3}, {100: 2, 200: 1 + math.cos(0.75 * math.pi), 500: 0}),
        ("polynomial", {"lr_end": 1.0}, {50: 1, 100: 2, 300: 1.5, 500: 1, 900: 1}),
        ("polynomial", {"lr_end": 0.5, "power": 2.0}, {300: 0.5 + 1.5 / 4, 500: 0.5}),
        ("polynomial", {}, {100: 2, 500: 1e-7}),
        # timescale is the warmup: 2 / √(t / 100).
        ("inverse_sqrt", {}, {50: 1, 100: 2, 400: 1, 900: 2 / 3}),
        # 2 / √((t − 100 + 300) / 300) is 1 where t + 200 = 1200.
        ("inverse_sqrt", {"timescale": 300}, {100: 2, 1000: 1}),
        ("cosine_with_min_lr", {"min_lr": 1.0}, {50: 1, 100: 2, 300: 1.5, 500: 1}),
        ("cosine_with_min_lr", {"min_lr_rate": 0.25}, {300: 1.25, 500: 0.5}),
        # One update ahead: a hundredth at update 0, and the trough at 499.
        ("cosine_warmup_with_min_lr", {"min_lr": 1.0}, {0: 0.02, 99: 2, 299: 1.5, 499: 1}),
        ("cosine_warmup_with_min_lr", {"min_lr_rate": 0, "warmup_lr_rate": 0.5}, {0: 1, 33: 1 + 1 / 3, 99: 2, 499: 0}),
        # 100 up, 300 constant, 100 down.
        ("warmup_stable_decay", {"num_decay_steps": 100}, {50: 1, 100: 2, 399: 2, 450: 1, 500: 0, 900: 0}),
        ("warmup_stable_decay", {"num_decay_steps": 100, "decay_type": "linear", "min_lr_ratio": 0.5}, {0: 1, 50: 1.5, 425: 1.75, 500: 1, 900: 1}),
        ("warmup_stable_decay", {"num_decay_steps": 100, "decay_type": "1-sqrt", "warmup_type": "1-sqrt"}, {75: 1, 425: 1, 500: 0, 900: 0}),
        ("warmup_stable_decay", {"num_decay_steps": 100, "warmup_type": "cosine", "num_cycles": 1}, {50: 1, 100: 2, 450: 0, 499: 1 + math.cos(2 * math.pi * 0.99), 500: 0}),
        ("warmup_stable_decay", {"num_decay_steps": 0, "num_stable_steps": 100, "min_lr_ratio": 0.5}, {199: 2, 200: 1}),
    ],
)  # fmt: skip
def test_a_name_has_the_rates_that_its_formula_gives(
    name: str, kwargs: dict[str, Any], values: dict[int, float], tmp_path: Path
):
    recipe = read(tmp_path, name, kwargs)
    assert at(recipe, list(values))[:, 0].tolist() == pytest.approx(
        list(values.values()), abs=1e-15
    )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("linear", 2),
        ("cosine", 2),
        ("inverse_sqrt", 2),  # of the timescale 10,000
        ("warmup_stable_decay", 2),
        ("cosine_warmup_with_min_lr", 1 + math.cos(math.pi / 500)),
    ],
)
def test_a_schedule_without_warmup_starts_at_its_peak(name: str, first: float, tmp_path: Path):
    kwargs = {
        "warmup_stable_decay": {"num_decay_steps": 10},
        "cosine_warmup_with_min_lr": {"min_lr": 0},
    }
    recipe = read(tmp_path, name, kwargs.get(name), num_warmup_steps=0)
    assert at(recipe, 0)[0] == pytest.approx(first, abs=1e-15)


def test_a_cosine_is_read_as_cosine_annealing_after_a_linear_warmup(tmp_path: Path):
    assert read(tmp_path, "cosine").to_dict() == {
        "schedule": "linear_warmup",
        "base_lr": 2.0,
        "warmup_steps": 100,
        "after": {"schedule": "cosine_annealing", "T_max": 400, "eta_min": 0.0},
    }


@pytest.mark.parametrize(
    ("name", "kwargs", "fields", "message"),
    [
        ("step", {}, {}, '$.name: found "step", expected one of linear, cosine'),
        ("reduce_lr_on_plateau", {}, {}, "$.name: found reduce_lr_on_plateau, expected a schedule that reads no metrics"),
        ("cosine", {}, {"warmup_ratio": 0.1}, "$.warmup_ratio: found an unknown field, expected only lr, name"),
        ("cosine", {"min_lr": 0.1}, {}, "$.scheduler_specific_kwargs.min_lr: found an unknown field, expected only num_cycles"),
        ("constant", {"num_cycles": 1}, {}, "$.scheduler_specific_kwargs.num_cycles: found an unknown field"),
        ("linear", {}, {"num_training_steps": None}, "$.num_training_steps: found nothing, expected a value"),
        ("linear", {}, {"num_training_steps": 100}, "$.num_training_steps: found 100, expected a whole number, 101 or more"),
        ("linear", {}, {"lr": "2"}, '$.lr: found "2", expected a number'),
        ("linear", {}, {"lr": 0}, "$.lr: found 0, expected more than 0"),
        ("linear", [], {}, "$.scheduler_specific_kwargs: found [], expected an object"),
        ("polynomial", {"lr_end": 3}, {}, "$.scheduler_specific_kwargs.lr_end: found 3, expected less than lr, which is 2.0"),
        ("cosine_with_min_lr", {}, {}, "$.scheduler_specific_kwargs: found both or neither of min_lr and min_lr_rate"),
        ("cosine_with_min_lr", {"min_lr": -1}, {}, "$.scheduler_specific_kwargs.min_lr: found -1, expected at least 0"),
        ("cosine_with_restarts", {"num_cycles": 1.5}, {}, "$.scheduler_specific_kwargs.num_cycles: found 1.5, expected a whole number, 1 or more"),
        ("warmup_stable_decay", {}, {}, "$.scheduler_specific_kwargs.num_decay_steps: found nothing"),
        ("warmup_stable_decay", {"num_decay_steps": 450}, {}, "$.scheduler_specific_kwargs.num_stable_steps: found -50, expected 0 or more"),
        ("warmup_stable_decay", {"num_decay_steps": 10, "decay_type": "exp"}, {}, '$.scheduler_specific_kwargs.decay_type: found "exp", expected one of linear, cosine, 1-sqrt'),
    ],
)  # fmt: skip
def test_an_unknown_or_invalid_field_is_named(
    name: str, kwargs: Any, fields: dict[str, Any], message: str, tmp_path: Path
):
    with pytest.raises(BadInput) as caught:
        read(tmp_path, name, kwargs, **fields)
    assert str(caught.value).startswith(f"{tmp_path / 'schedule.json'}: {message}")
