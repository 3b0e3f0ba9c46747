"""transformers: the arguments of `get_scheduler`, and the optimizer's rate as `lr`.

`{"name": "cosine", "lr": 5e-5, "num_warmup_steps": 500, "num_training_steps": 10000,
"scheduler_specific_kwargs": {}}`. The semantics are those of `src/transformers/optimization.py`
(5.23); all its schedules count updates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.configuration.documents import (
    Document,
    constant,
    formula,
    linear_warmup,
    sequence,
)
from lrspec.importers.configuration.fields import Fields, Units
from lrspec.spec.recipe import Recipe, from_dict

_PLACE = "$.scheduler_specific_kwargs"


@dataclass(frozen=True)
class TrainingRun:
    """The optimizer's rate, and the arguments of `get_scheduler` and of the schedule."""

    lr: float
    fields: Fields
    kwargs: Fields

    @property
    def warmup(self) -> int:
        """The updates of the warmup."""
        return self.fields.whole("num_warmup_steps")

    @property
    def remaining(self) -> int:
        """The updates after the warmup; raises `BadInput` if there are none."""
        return self.fields.whole("num_training_steps", least=self.warmup + 1) - self.warmup


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe of a dictionary of arguments.

    Raises `BadInput` for an unknown schedule or argument, and for an invalid value.
    """
    if units.epochs is not None:
        raise BadInput(
            "--epochs", units.epochs, "no --epochs: num_training_steps is the length of the run"
        )
    fields = Fields(document, "$")
    name = fields.choice("name", [*_DECAYS, *_WHOLE, *_METRICS])
    if name in _METRICS:
        raise fields.error("name", name, "a schedule that reads no metrics")
    kwargs = Fields(fields.take("scheduler_specific_kwargs", {}), _PLACE)
    run = TrainingRun(fields.number("lr"), fields, kwargs)
    if not run.lr > 0:
        raise BadInput("$.lr", run.lr, "more than 0")
    recipe = (_DECAYS.get(name) or _WHOLE[name])(run)
    if name in _DECAYS:
        recipe = linear_warmup(run.warmup, recipe)
    for unread in ("num_warmup_steps", "num_training_steps"):  # not every schedule reads them
        fields.whole(unread, 0)
    kwargs.done()
    fields.done()
    return from_dict({"base_lr": run.lr, **recipe})


def _linear(run: TrainingRun) -> Document:
    total = run.remaining
    return {"schedule": "linear", "start_factor": 1.0, "end_factor": 0.0, "total_iters": total}


def _waves(run: TrainingRun, minimum: float) -> Document:
    """Return `num_cycles` cosine waves after the warmup, half a wave by default."""
    cycles = run.kwargs.number("num_cycles", 0.5)
    half = run.remaining / (2 * cycles) if cycles > 0 else 0.5
    if half == int(half):
        eta_min = run.lr * minimum
        return {"schedule": "cosine_annealing", "T_max": int(half), "eta_min": eta_min}
    wave = f"(1 + cos(pi * {2 * cycles!r} * t / {run.remaining})) / 2"
    return formula(f"{wave} * {1 - minimum!r} + {minimum!r}")


def _min_factor(run: TrainingRun) -> float:
    """Return the minimum rate as a fraction of the optimizer's rate."""
    if ("min_lr" in run.kwargs) == ("min_lr_rate" in run.kwargs):
        raise BadInput(_PLACE, "both or neither of min_lr and min_lr_rate", "one of them")
    if "min_lr" in run.kwargs:
        return run.kwargs.number("min_lr", least=0) / run.lr
    return run.kwargs.number("min_lr_rate", least=0)


def _cosine_warmup_with_min_lr(run: TrainingRun) -> Document:
    minimum, remaining, count = _min_factor(run), run.remaining, run.warmup
    cycles = run.kwargs.number("num_cycles", 0.5)
    wave = f"(1 + cos(pi * {2 * cycles!r} * (t + 1) / {remaining})) / 2"
    decay = formula(f"max(0, {wave} * {1 - minimum!r} + {minimum!r})")
    rate = run.kwargs.number("warmup_lr_rate", -1)
    if count == 0:
        return decay
    rise = f"(t + 1) / {count}"
    if rate >= 0:
        rise = f"{rate!r} + {1 - rate!r} * t / {max(1, count - 1)}"
    return sequence([formula(rise), decay], [count])


def _cosine_with_restarts(run: TrainingRun) -> Document:
    cycles = run.kwargs.whole("num_cycles", 1, 1)
    if run.remaining % cycles == 0:
        first = run.remaining // cycles
        return {"schedule": "cosine_warm_restarts", "T_0": first, "restart_limit": cycles}
    wave = f"(1 + cos(pi * ({cycles} * t % {run.remaining}) / {run.remaining})) / 2"
    return formula(f"{wave} if t < {run.remaining} else 0")


def _polynomial(run: TrainingRun) -> Document:
    end = run.kwargs.number("lr_end", 1e-7)
    if not run.lr > end:
        raise BadInput(f"{_PLACE}.lr_end", end, f"less than lr, which is {run.lr!r}")
    power = run.kwargs.number("power", 1.0)
    return {"schedule": "polynomial", "total_iters": run.remaining, "power": power, "end_lr": end}


def _inverse_sqrt(run: TrainingRun) -> Document:
    scale = run.kwargs.whole("timescale", run.warmup or 10_000, 1)
    return formula(f"1 / sqrt((t + {scale}) / {scale})")


def _warmup_stable_decay(run: TrainingRun) -> Document:
    warmup, decay_steps = run.warmup, run.kwargs.whole("num_decay_steps")
    place = f"{_PLACE}.num_stable_steps"
    if "num_stable_steps" in run.kwargs:
        stable = run.kwargs.whole("num_stable_steps")
    else:
        stable = run.fields.whole("num_training_steps") - warmup - decay_steps
        run.kwargs.take("num_stable_steps", None)
    if stable < 0:
        raise BadInput(place, stable, "0 or more: the warmup and the decay are longer than the run")
    minimum = run.kwargs.number("min_lr_ratio", 0, least=0)
    kinds = ("linear", "cosine", "1-sqrt")
    rise = _curve(run.kwargs.choice("warmup_type", kinds, "linear"), _UP, warmup, minimum)
    kind = run.kwargs.choice("decay_type", kinds, "cosine")
    decay = _decay(kind, decay_steps, minimum, run.kwargs.number("num_cycles", 0.5))
    parts = [(rise, warmup), (constant(), stable), (decay, decay_steps)]
    parts = [(part, length) for part, length in parts[:2] if length] + parts[2:]
    milestones = [sum(length for _, length in parts[:i]) for i in range(1, len(parts))]
    return sequence([part for part, _ in parts], milestones) if milestones else decay


_UP = {"linear": "{p}", "cosine": "(1 - cos(pi * {p})) / 2", "1-sqrt": "1 - sqrt(1 - {p})"}
_DOWN = {"1-sqrt": "1 - sqrt({p})", "cosine": "(1 + cos(pi * {waves!r} * {p})) / 2"}


def _curve(
    kind: str, curves: dict[str, str], steps: int, minimum: float, **values: Any
) -> Document:
    if kind == "linear" and minimum == 0:
        return formula(f"t / {max(1, steps)}")
    if kind == "linear" and steps:
        line = {"start_factor": minimum, "end_factor": 1.0, "total_iters": steps}
        return {"schedule": "linear", **line}
    factor = curves[kind].format(p=f"(t / {max(1, steps)})", **values)
    return formula(f"max(0, ({factor}) * {1 - minimum!r} + {minimum!r})")


def _decay(kind: str, steps: int, minimum: float, cycles: float) -> Document:
    """Return the decay, followed by the minimum rate."""
    if steps == 0:
        return formula(repr(minimum))
    if kind == "linear":
        line = {"start_factor": 1.0, "end_factor": minimum, "total_iters": steps}
        return {"schedule": "linear", **line}
    if kind == "cosine" and cycles == 0.5:
        return {"schedule": "cosine_decay", "decay_steps": steps, "alpha": minimum}
    wave = _curve(kind, _DOWN, steps, minimum, waves=2 * cycles)
    return formula(f"{wave['factor']} if t < {steps} else {minimum!r}")


#: The schedules that begin with the same warmup: what follows it.
_DECAYS: dict[str, Callable[[TrainingRun], Document]] = {
    "linear": _linear,
    "cosine": lambda run: _waves(run, 0.0),
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "constant_with_warmup": lambda _: constant(),
    "inverse_sqrt": _inverse_sqrt,
    "cosine_with_min_lr": lambda run: _waves(run, _min_factor(run)),
}
#: The schedules with another warmup, or none.
_WHOLE: dict[str, Callable[[TrainingRun], Document]] = {
    "constant": lambda _: constant(),
    "cosine_warmup_with_min_lr": _cosine_warmup_with_min_lr,
    "warmup_stable_decay": _warmup_stable_decay,
}
_METRICS = ("reduce_lr_on_plateau", "greedy")
