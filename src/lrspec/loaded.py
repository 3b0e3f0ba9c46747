"""A schedule as the library shows it: its rates at any step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lrspec.engine import closed_form, recursive_form
from lrspec.engine.closed_form import Rates
from lrspec.errors import BadInput
from lrspec.spec import recipe
from lrspec.spec.recipe import Recipe
from lrspec.views import Views

if TYPE_CHECKING:
    pass

_Number = float | np.number[Any]
_Array = Sequence[Any] | NDArray[Any]


class Schedule(Views):
    """A schedule with its parameters: the learning rate of every step.

    Example:
        >>> s = load({"schedule": "cosine_annealing", "base_lr": 1.0, "T_max": 4})
        >>> s([0, 2, 4]).round(9).tolist()
        [1.0, 0.5, 0.0]
        >>> s.trace(3).shape
        (3, 1)

    """

    def __init__(self, recipe: Recipe, notes: tuple[str, ...] = ()) -> None:
        self.recipe = recipe
        self._is_plain = recipe.single and recipe.dialect is None
        #: Notes on a schedule that was read from a scheduler; otherwise empty.
        self.notes = notes

    @property
    def position(self) -> float:
        """The step at which a scheduler was read; 0 for any other schedule."""
        return self.recipe.position

    @overload
    def __call__(self, t: _Number) -> float | Rates: ...

    @overload
    def __call__(self, t: _Array) -> Rates: ...

    def __call__(self, t: ArrayLike | float) -> float | Rates:
        """Return the rate of step *t*, a number or an array; fractions are allowed.

        The result is a float64 array with the shape of *t* and, for a list of base rates, a last
        axis with one entry per group; a float if it would have no axis. Raises `BadInput` for a
        step that is negative, above 2**53 or not finite, and with a dialect for a fraction and for
        a step that the framework does not reach.
        """
        if isinstance(t, (int, float)) and 0 <= t <= closed_form.LAST_STEP and self._is_plain:
            return closed_form.of_step(self.recipe, t)[0]
        rates: Rates = self._engine().at(self.recipe, t)
        if not self.recipe.single:
            return rates
        return float(rates[0]) if rates.ndim == 1 else rates[..., 0]

    def trace(self, steps: int, *, form: str = "closed") -> Rates:
        """Return the rates of steps 0 … *steps* − 1, of shape (steps, groups), as float64.

        *form* is `closed` (each rate from its step) or `recursive` (each from the rate before).
        Raises `BadInput` for a schedule without a recursive form, for a rate that is not finite,
        and with a dialect for a step that the framework does not reach.
        """
        if form not in ("closed", "recursive"):
            raise BadInput("form", form, "closed or recursive")
        if form == "closed" or self.recipe.dialect is not None:
            if form != "closed":
                raise BadInput("form", form, "closed: a framework has one form")
            rates: Rates = self._engine().trace(self.recipe, steps)
            return rates
        return recursive_form.trace(self.recipe, steps)

    def blocks(self, steps: int, size: int = 65_536) -> Iterator[Rates]:
        """Yield the rows of `trace` in arrays of *size*; the memory does not grow with *steps*."""
        if not isinstance(size, int) or size < 1:
            raise BadInput("size", size, "a whole number, 1 or more")
        if self.recipe.dialect is None:
            return closed_form.blocks(self.recipe, steps, size)
        rates = self.trace(steps)
        return (rates[start : start + size] for start in range(0, steps, size))

    def _engine(self) -> ModuleType:
        """Return the module that computes the rates that the recipe means."""
        if self.recipe.dialect is None:
            return closed_form
        from lrspec.dialect import rates  # noqa: PLC0415 - it needs more than the core

        return rates

    def as_in(self, framework: str) -> Schedule:
        """Return the schedule as *framework*, `BACKEND` or `BACKEND==VERSION`, computes it.

        Its rates are those of the framework's own classes, departures included, by the dialect of
        the framework, which need not be installed. Raises `BadInput` for an unknown framework.

        Example:
            >>> s = load({"schedule": "noam", "base_lr": 1.0, "d_model": 4, "warmup_steps": 2})
            >>> s(0) > 0, s.as_in("paddle")(0)
            (True, 0.0)

        """
        from lrspec.suite.departing import target_of, version_warning  # noqa: PLC0415 - more than the core

        origin = target_of(framework)
        warning = version_warning(origin)
        return Schedule(replace(self.recipe, dialect=origin), (warning,) if warning else ())

    def as_specified(self) -> Schedule:
        """Return the schedule with the rates of the specification, whatever its dialect."""
        return Schedule(self.recipe.specified)


def load(source: str | Path | Mapping[str, Any]) -> Schedule:
    """Return the schedule of a recipe: a mapping, a JSON file, or a published recipe's name.

    Raises `BadInput` (a `ValueError`) with the file, the JSON path, the value and what is expected.

    Example:
        >>> load({"schedule": "step", "base_lr": 0.1})
        Traceback (most recent call last):
        ...
        lrspec.errors.BadInput: ...step_size...

    """
    return Schedule(recipe.load(source))
