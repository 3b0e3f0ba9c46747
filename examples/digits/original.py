"""The scheduler of the original training script: a warmup, a cosine and a decay, multiplied."""

import torch
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, ExponentialLR, LinearLR


def build_scheduler(optimizer: torch.optim.Optimizer) -> ChainedScheduler:
    """Return the scheduler of *optimizer*."""
    warmup = LinearLR(optimizer, start_factor=0.1, total_iters=20)
    cosine = CosineAnnealingLR(optimizer, T_max=60)
    decay = ExponentialLR(optimizer, gamma=0.99)
    return ChainedScheduler([warmup, cosine, decay])


def make() -> ChainedScheduler:
    """Return the scheduler for `lrspec read`."""
    weight = torch.nn.Parameter(torch.zeros(1))
    return build_scheduler(torch.optim.SGD([weight], lr=1.0))
