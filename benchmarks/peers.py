"""The schedules of other libraries that `benchmarks/engine.py` is compared with.

Each peer is a function of the number of steps and of the length of the warmup; it returns a
function that computes the rates of all steps, or does what a training loop does to get them.
Compilation and construction are not timed, except of PyTorch's schedulers, which start once.
A library that is not installed is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PEAK, MINIMUM = 0.5, 0.001
#: From a number of steps and the length of the warmup to what is timed.
Peer = Callable[[int, int], Callable[[], Any]]


def numpy_expression(steps: int, warmup: int) -> Callable[[], Any]:
    """Return one `np.where`, which computes both branches for every step."""
    decay = steps - warmup

    def rates() -> Any:
        t = np.arange(steps)
        return np.where(
            t < warmup,
            PEAK * t / warmup,
            MINIMUM + (PEAK - MINIMUM) * (1 + np.cos(np.pi * (t - warmup) / decay)) / 2,
        )

    return rates


def lrspec_trace(steps: int, warmup: int) -> Callable[[], Any]:
    """Return the trace of a loaded schedule."""
    import lrspec

    cosine = {"schedule": "cosine_annealing", "T_max": steps - warmup, "eta_min": MINIMUM}
    document = {"schedule": "linear_warmup", "base_lr": PEAK, "warmup_steps": warmup}
    schedule = lrspec.load({**document, "after": cosine})
    return lambda: schedule.trace(steps)


def written(steps: int, _: int) -> Callable[[], Any]:
    """Return what writes an array of that size, and computes nothing."""
    return lambda: np.full(steps, PEAK)


def optax(steps: int, warmup: int) -> Callable[[], Any]:
    """Return optax's schedule of all steps, compiled by jit, in float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import optax as library

    schedule = library.warmup_cosine_decay_schedule(0.0, PEAK, warmup, steps, MINIMUM)
    # Without an argument the whole result would be a constant of the compiled function.
    compiled = jax.jit(lambda first: schedule(first + jax.numpy.arange(steps)))
    return lambda: compiled(0).block_until_ready()


def fvcore(steps: int, warmup: int) -> Callable[[], Any]:
    """Return fvcore's multiplier, called for each step."""
    from fvcore.common.param_scheduler import (
        CompositeParamScheduler,
        CosineParamScheduler,
        LinearParamScheduler,
    )

    parts = [LinearParamScheduler(0.0, PEAK), CosineParamScheduler(PEAK, MINIMUM)]
    lengths = [warmup / steps, 1 - warmup / steps]
    schedule = CompositeParamScheduler(parts, lengths, ["rescaled", "rescaled"])
    return lambda: [schedule(t / steps) for t in range(steps)]


def timm(steps: int, warmup: int) -> Callable[[], Any]:
    """Return timm's scheduler, stepped by updates on an optimizer of one parameter."""
    from timm.scheduler import CosineLRScheduler

    optimizer = _optimizer()
    scheduler = CosineLRScheduler(
        optimizer,
        t_initial=steps - warmup,
        lr_min=MINIMUM,
        warmup_t=warmup,
        warmup_prefix=True,
        t_in_epochs=False,
    )

    def rates() -> list[float]:
        found = []
        for t in range(steps):
            scheduler.step_update(t)
            found.append(optimizer.param_groups[0]["lr"])
        return found

    return rates


def transformers(steps: int, warmup: int) -> Callable[[], Any]:
    """Return transformers' function of a LambdaLR, called for each step; it decays to 0."""
    from transformers import get_cosine_schedule_with_warmup

    schedule = get_cosine_schedule_with_warmup(_optimizer(), warmup, steps)
    factor = schedule.lr_lambdas[0]
    return lambda: [PEAK * factor(t) for t in range(steps)]


def torch(steps: int, warmup: int) -> Callable[[], Any]:
    """Return PyTorch's own classes, built and stepped once per update."""
    from torch.optim import lr_scheduler

    def rates() -> list[float]:
        optimizer = _optimizer()
        rise = lr_scheduler.LinearLR(optimizer, 1e-9, 1.0, warmup)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, steps - warmup, MINIMUM)
        scheduler = lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])
        found = []
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found

    return rates


def _optimizer() -> Any:
    import torch as library

    return library.optim.SGD([library.nn.Parameter(library.zeros(1))], lr=PEAK)


#: The most steps at which each peer is timed; those that are called for each step take long.
PEERS: dict[str, tuple[Peer, int]] = {
    "lrspec": (lrspec_trace, 10**7),
    "an array of equal numbers": (written, 10**7),
    "optax (jit)": (optax, 10**7),
    "fvcore": (fvcore, 10**5),
    "timm": (timm, 10**5),
    "transformers": (transformers, 10**5),
    "torch": (torch, 10**4),
}
