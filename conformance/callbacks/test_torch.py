"""Updates of PyTorch's own optimizers, one of which a GradScaler skips."""

from __future__ import annotations

import pytest
import torch

from lrspec.callbacks.updates import Updates

HALVED = {"schedule": "exponential", "base_lr": 1, "gamma": 0.5}


@pytest.mark.parametrize("stepped_when_skipped", [False, True])
def test_an_update_that_a_scaler_skips_does_not_count(stepped_when_skipped):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    scaler = torch.amp.GradScaler("cpu")
    updates = Updates(HALVED)
    updates.watch(optimizer, 0)

    def batch(loss):
        optimizer.zero_grad()
        scaler.scale(weight * loss).backward()
        scaler.step(optimizer)
        scaler.update()

    batch(1.0)
    scheduler.step()
    batch(float("inf"))
    if stepped_when_skipped:
        scheduler.step()
        with pytest.raises(AssertionError, match="rate of step 2: was the scheduler stepped more"):
            batch(1.0)
    else:
        batch(1.0)
    assert updates.step == 2
