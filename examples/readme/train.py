"""The script of README.md: a cosine, times 0.1 at each of three milestones."""

import torch
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, MultiStepLR


def make() -> ChainedScheduler:
    """Return the scheduler for `lrspec check` and `lrspec port`."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    cosine = CosineAnnealingLR(optimizer, T_max=20)
    decay = MultiStepLR(optimizer, milestones=[5, 10, 15], gamma=0.1)
    return ChainedScheduler([cosine, decay])
