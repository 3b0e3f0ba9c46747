"""The rule that is set by hand in train_torch.py, as PyTorch's scheduler: what `lrspec read` reads.

The rule has no threshold and no smallest decrease, which are 1e-4 and 1e-8 by default.
"""

from collections.abc import Sequence

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau


def scheduler(losses: Sequence[float] = (), **arguments: float) -> ReduceLROnPlateau:
    """Return a scheduler that has been stepped with the validation losses of some epochs."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    options = {"factor": 0.25, "patience": 0, "threshold": 0.0, "eps": 0.0, **arguments}
    plateau = ReduceLROnPlateau(optimizer, **options)
    for loss in losses:
        plateau.step(loss)
    return plateau
