"""The traps of a training loop, seen in its source or asked about."""

from __future__ import annotations

import pytest

from lrspec.check.training_loop import traps, traps_in
from lrspec.spec.recipe import load

LOOP = b"""
for epoch in range(3):
    for batch in batches:
        optimizer.step()
        scheduler.step()
"""
PER_EPOCH = b"""
for epoch in range(3):
    for batch in batches:
        scaler.step(self.optimizer)
    self.lr_scheduler.step()
"""


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (LOOP, []),
        (PER_EPOCH, [("epoch or update", 5)]),
        (b"scaler = torch.amp.GradScaler()", [("GradScaler", 1)]),
        (b"\nfrom accelerate import Accelerator\na = Accelerator()", [("accelerate", 3)]),
        (b"f(gradient_accumulation_steps=4)", [("gradient accumulation", 1)]),
        (b"accumulate = 4\nif i % accumulate: pass", [("gradient accumulation", 1)]),
        (b"optimizer.step()\nscheduler.step()", []),
    ],
)
def test_a_trap_is_seen_in_its_line(source: bytes, seen: list[tuple[str, int]]):
    assert [(trap.name, trap.line) for trap in traps_in(source)] == seen


def test_without_a_source_every_trap_is_asked_about():
    asked = traps(load("llama"))
    assert len(asked) == 4
    assert not any(trap.line for trap in asked)
    assert "the recipe counts updates" in asked[-1].advice
