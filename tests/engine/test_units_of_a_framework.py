"""A framework's scheduler that the training loop steps once per epoch."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

import lrspec
from lrspec.codegen.plain_function import functions_of
from lrspec.dialect.rates import trace
from lrspec.engine.units import in_epochs, in_updates
from lrspec.errors import BadInput

#: PyTorch never reaches a milestone between two steps.
IN_EPOCHS = lrspec.load(
    {"schedule": "multistep", "base_lr": 1.0, "milestones": [2, 3.5], "gamma": 0.5}
).as_in("torch")
COUNT = 3


def test_an_update_has_the_rate_of_its_epoch():
    updates = in_updates(IN_EPOCHS.recipe, COUNT)
    expected = np.repeat([1.0, 1.0, 0.5, 0.5, 0.5], COUNT)
    np.testing.assert_array_equal(trace(updates, 15).ravel(), expected)


def test_epochs_become_updates_and_epochs_again():
    back = in_epochs(in_updates(IN_EPOCHS.recipe, COUNT), COUNT)
    assert back == IN_EPOCHS.recipe
    assert back.updates_per_step == COUNT


def test_a_port_counts_the_updates():
    schedule = lrspec.Schedule(in_updates(IN_EPOCHS.recipe, COUNT))
    ported = lrspec.port(schedule, to="numpy")
    rates = [*islice(functions_of(ported.source)["rates"](), 30)]
    assert rates == [1.0] * 6 + [0.5] * 24
    assert not ported.certificate.diverges
    assert "if t % 3 != 0:" in lrspec.port(schedule, to="torch").source


def test_a_port_in_closed_form_counts_the_updates():
    """NoamDecay of Paddle, stepped every third update: d_model ** -0.5 * t ** -0.5 at epoch 9."""
    noam = {"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2}
    recipe = in_updates(lrspec.load(noam).as_in("paddle").recipe, COUNT)
    rate = functions_of(lrspec.port(lrspec.Schedule(recipe), to="numpy").source)["rate"]
    assert [rate(t) for t in range(3)] == [0.0] * 3
    assert rate(29) == pytest.approx(0.5 * 9**-0.5, rel=1e-15)


def test_a_scheduler_that_is_stepped_every_update_has_no_epochs():
    with pytest.raises(BadInput, match="stepped once per epoch"):
        in_epochs(IN_EPOCHS.recipe, COUNT)
