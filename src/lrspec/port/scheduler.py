"""A live scheduler, whatever its framework."""

from __future__ import annotations

from typing import Any, Protocol


class Scheduler(Protocol):
    """A live learning-rate scheduler of any framework."""

    def step(self, *arguments: Any, **options: Any) -> object:
        """Advance by one step."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state to save in a checkpoint."""
