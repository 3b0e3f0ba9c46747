"""The callback of the Trainer of transformers, in runs of a few updates."""

from __future__ import annotations

import pytest
import torch
from transformers import Trainer, TrainingArguments

from lrspec.callbacks.transformers import AssertFollows

pytestmark = pytest.mark.filterwarnings("ignore")
LINEAR = {"schedule": "linear", "base_lr": 1, "start_factor": 1, "end_factor": 0, "total_iters": 12}
DATA = [{"x": torch.zeros(1)} for _ in range(12)]


class Model(torch.nn.Module):
    """One layer, whose weight and bias the Trainer puts into two parameter groups."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x):
        return {"loss": self.layer(x).sum()}


def trained(folder, callback, checkpoint=None, **given):
    """Return the trainer after an epoch of twelve batches, its rate falling linearly to zero."""
    common = {"learning_rate": 1.0, "lr_scheduler_type": "linear", "num_train_epochs": 1}
    quiet = {"report_to": [], "disable_tqdm": True, "use_cpu": True}
    given = {"per_device_train_batch_size": 1, "save_strategy": "no", **common, **quiet, **given}
    arguments = TrainingArguments(folder, **given)
    trainer = Trainer(Model(), arguments, train_dataset=DATA, callbacks=[callback])
    trainer.train(resume_from_checkpoint=checkpoint)
    return trainer


def test_a_run_that_follows_its_recipe(tmp_path):
    assert trained(tmp_path, AssertFollows(LINEAR)).state.global_step == 12


def test_a_run_whose_warmup_was_forgotten(tmp_path):
    warmup = {"schedule": "linear_warmup", "base_lr": 1, "warmup_steps": 3}
    warmup["after"] = {"schedule": "linear", "start_factor": 1, "end_factor": 0, "total_iters": 9}
    assert trained(tmp_path, AssertFollows(warmup), warmup_steps=3).state.global_step == 12
    with pytest.raises(AssertionError) as caught:
        trained(tmp_path, AssertFollows(warmup))
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "the training run does not follow the linear_warmup recipe: update 0 uses 1 where the "
        "recipe has 0"
    )
    assert lines[-1].startswith('The scheduler is {"schedule": "lambda", "base_lr": [1.0, 1.0]')


def test_accumulated_batches_are_one_update(tmp_path):
    six = {**LINEAR, "total_iters": 6}
    accumulate = {"gradient_accumulation_steps": 2}
    assert trained(tmp_path, AssertFollows(six), **accumulate).state.global_step == 6
    with pytest.warns(UserWarning, match="rate of step 2: was the scheduler stepped more often"):
        trained(tmp_path, AssertFollows(LINEAR, warn=True), **accumulate)


def test_a_resumed_run_continues_at_its_step(tmp_path):
    trained(tmp_path, AssertFollows(LINEAR), save_strategy="steps", save_steps=5)
    checkpoint = str(tmp_path / "checkpoint-5")
    assert trained(tmp_path, AssertFollows(LINEAR), checkpoint).state.global_step == 12
    with pytest.raises(AssertionError, match=r"update 5 uses 0\.583333 where the recipe has 0\.5"):
        trained(tmp_path, AssertFollows({**LINEAR, "total_iters": 10}), checkpoint)
