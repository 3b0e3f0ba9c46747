"""The callback of PyTorch Lightning, under both names of the library, in runs of a few updates."""

from __future__ import annotations

from importlib import import_module

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader

from lrspec import resources
from lrspec.callbacks.lightning import AssertFollows

pytestmark = pytest.mark.filterwarnings("ignore")
COSINE = {"schedule": "cosine_annealing", "base_lr": 1, "T_max": 10}


@pytest.fixture(params=["lightning.pytorch", "pytorch_lightning"])
def library(request):
    return import_module(request.param)


def trained(library, folder, callback, interval="step", checkpoint=None, **given):
    """Return the trainer after a run of six batches per epoch."""

    class Module(library.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, _):
            return self.layer(batch).sum()

        def configure_optimizers(self):
            optimizer = torch.optim.SGD(self.parameters(), lr=1.0)
            scheduler = CosineAnnealingLR(optimizer, 10)
            config = {"scheduler": scheduler, "interval": interval}
            return {"optimizer": optimizer, "lr_scheduler": config}

    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    given = {"max_epochs": 1, **quiet, **given}
    trainer = library.Trainer(
        accelerator="cpu", default_root_dir=folder, callbacks=[callback], **given
    )
    trainer.fit(Module(), DataLoader(torch.zeros(6, 1)), ckpt_path=checkpoint)
    return trainer


def test_a_run_that_follows_its_recipe(library, tmp_path):
    assert trained(library, tmp_path, AssertFollows(COSINE)).global_step == 6


def test_a_scheduler_that_is_stepped_once_per_epoch(library, tmp_path):
    with pytest.raises(AssertionError) as caught:
        trained(library, tmp_path, AssertFollows(COSINE), "epoch")
    page = resources.root() / "docs" / "checking.md"
    assert f"\nAssertionError: {caught.value}\n" in page.read_text(encoding="utf-8")
    assert "update 1 uses 1 where" in str(caught.value)
    assert 'CosineAnnealingLR once per epoch; {"scheduler": ..., "interval"' in str(caught.value)


def test_another_recipe_is_a_warning_that_names_the_parameter(library, tmp_path):
    callback = AssertFollows({**COSINE, "T_max": 12}, warn=True)
    with pytest.warns(UserWarning, match="T_max: the scheduler has 10, the recipe 12"):
        trainer = trained(library, tmp_path, callback)
    assert trainer.global_step == 6


def test_accumulated_batches_are_one_update(library, tmp_path):
    callback = AssertFollows(COSINE)
    assert trained(library, tmp_path, callback, accumulate_grad_batches=2).global_step == 3


def test_a_resumed_run_continues_at_its_step(library, tmp_path):
    trainer = trained(library, tmp_path, AssertFollows(COSINE))
    trainer.save_checkpoint(tmp_path / "last.ckpt")
    resumed = {"checkpoint": tmp_path / "last.ckpt", "max_epochs": 2}
    assert trained(library, tmp_path, AssertFollows(COSINE), **resumed).global_step == 12
    with pytest.raises(AssertionError, match=r"update 6 uses 0\.345492 where the recipe has 0\.5"):
        trained(library, tmp_path, AssertFollows({**COSINE, "T_max": 12}), **resumed)
