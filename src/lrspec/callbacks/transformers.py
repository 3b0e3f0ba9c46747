"""transformers: a callback of its Trainer that compares the rate of every update with a recipe."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from lrspec.callbacks.updates import Updates
from lrspec.following import RecipeLike


class AssertFollows(TrainerCallback):  # type: ignore[misc]
    """Stop training at the first update whose rate is not that of *recipe*, or with *warn* warn.

    *recipe* is what `lrspec.assert_follows` takes. A resumed run continues at the global step of
    its checkpoint.

    Example::

        trainer = Trainer(model, arguments, callbacks=[AssertFollows("recipe.json")])

    """

    def __init__(self, recipe: RecipeLike, *, warn: bool = False) -> None:
        self._updates = Updates(recipe, warn=warn)

    def on_train_begin(
        self, args: Any, state: Any, control: Any, *, optimizer: Any, lr_scheduler: Any, **_: Any
    ) -> None:
        """Compare the updates from now on."""
        while hasattr(optimizer, "optimizer"):  # accelerate's wrapper calls no hooks
            optimizer = optimizer.optimizer
        scheduler = getattr(lr_scheduler, "scheduler", lr_scheduler)
        self._updates.watch(optimizer, state.global_step, scheduler)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Compare no more updates."""
        self._updates.end()
