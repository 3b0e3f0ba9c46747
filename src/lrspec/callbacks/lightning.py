"""PyTorch Lightning: a callback that compares the rate of every update with a recipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from lrspec.callbacks.updates import Updates
from lrspec.following import RecipeLike

#: Two names of one library. Its trainers accept callbacks of either.
_PACKAGES = ("lightning.pytorch", "pytorch_lightning")


def _base() -> Any:
    """Return the class of callbacks, of the package that is imported or else installed."""
    imported = [name for name in _PACKAGES if name in sys.modules]
    installed = [name for name in _PACKAGES if find_spec(name.partition(".")[0])]
    return import_module([*imported, *installed, *_PACKAGES][0]).Callback


class AssertFollows(_base()):  # type: ignore[misc]
    """Stop training at the first update whose rate is not that of *recipe*, or with *warn* warn.

    *recipe* is what `lrspec.assert_follows` takes. *optimizer* is the index of the optimizer, if
    there are several. A resumed run continues at the step at which its checkpoint was saved.

    Example::

        trainer = Trainer(callbacks=[AssertFollows("recipe.json")])

    """

    def __init__(self, recipe: RecipeLike, *, warn: bool = False, optimizer: int = 0) -> None:
        super().__init__()
        self._updates = Updates(recipe, warn=warn)
        self._index = optimizer
        self._step: int | None = None

    @property
    def state_key(self) -> str:
        """The key of the state in a checkpoint."""
        return f"lrspec.AssertFollows({self._index})"

    def state_dict(self) -> dict[str, Any]:
        """Return the step, for a checkpoint."""
        return {"step": self._updates.step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue at the step of a checkpoint."""
        self._step = state_dict["step"]

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Compare the updates from now on."""
        optimizer = trainer.optimizers[self._index]
        step = trainer.global_step if self._step is None else self._step
        configs = [c for c in trainer.lr_scheduler_configs if c.scheduler.optimizer is optimizer]
        scheduler = configs[0].scheduler if len(configs) == 1 else None
        self._updates.watch(optimizer, step, scheduler, [*_advice(configs)])

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Compare no more updates."""
        self._step = self._updates.step
        self._updates.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Compare no more updates."""
        self.on_train_end(trainer, pl_module)


def _advice(configs: list[Any]) -> Iterator[str]:
    if not configs:
        yield "configure_optimizers returns no scheduler for this optimizer"
    for config in configs:
        if config.interval == "epoch":
            name = type(config.scheduler).__name__
            instead = '{"scheduler": ..., "interval": "step"}'
            yield f"Lightning steps {name} once per epoch; {instead} steps it after every update"
