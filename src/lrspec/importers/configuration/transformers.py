"""transformers: the arguments of `get_scheduler`, with the optimizer's rate beside them as `lr`.

`{"name": "cosine", "lr": 5e-5, "num_warmup_steps": 500, "num_training_steps": 10000,
"scheduler_specific_kwargs": {}}`. The semantics are those of `src/transformers/optimization.py`
(5.23); all its curves count updates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.configuration.fields import Fields, Units
from lrspec.spec.recipe import Recipe, from_dict

Document = dict[str, Any]
_PLACE = "$.scheduler_specific_kwargs"


@dataclass(frozen=True)
class Run:
    """The rate of the optimizer, and the arguments that a curve may ask for."""

    lr: float
    fields: Fields
    kwargs: Fields

    @property
    def warmup(self) -> int:
        """The updates of the warmup."""
        return self.fields.whole("num_warmup_steps")

    @property
    def total(self) -> int:
        """The updates of the run; raises `BadInput` where the warmup takes them all."""
        return self.fields.whole("num_training_steps", least=self.warmup + 1)

    @property
    def left(self) -> int:
        """The updates after the warmup."""
        return self.total - self.warmup


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe of a dictionary of arguments; raises `BadInput` for what it has not."""
    if units.epochs is not None:
        raise BadInput("--epochs", units.epochs, "nothing: num_training_steps ends the run")
    fields = Fields(document, "$")
    name = fields.choice("name", [*_READERS, *_METRICS])
    if name in _METRICS:
        raise BadInput("$.name", name, "a schedule that needs no metrics of a run")
    kwargs = Fields(fields.take("scheduler_specific_kwargs", {}), _PLACE)
    run = Run(fields.number("lr"), fields, kwargs)
    if not run.lr > 0:
        raise BadInput("$.lr", run.lr, "more than 0")
    recipe = _READERS[name](run)
    for unread in ("num_warmup_steps", "num_training_steps"):  # which not every curve asks for
        fields.whole(unread, 0)
    kwargs.done()
    fields.done()
    return from_dict({"base_lr": run.lr, **recipe})


def _warmed(run: Run, after: Document) -> Document:
    if run.warmup == 0:
        return after
    return {"schedule": "linear_warmup", "warmup_steps": run.warmup, "after": after}


def _formula(text: str) -> Document:
    return {"schedule": "lambda", "factor": text}


def _constant(_: Run) -> Document:
    return {"schedule": "constant", "factor": 1.0, "total_iters": 0}


def _constant_with_warmup(run: Run) -> Document:
    return _warmed(run, _constant(run))


def _linear(run: Run) -> Document:
    line = {"start_factor": 1.0, "end_factor": 0.0, "total_iters": run.left}
    return _warmed(run, {"schedule": "linear", **line})


def _cosine(run: Run) -> Document:
    return _warmed(run, _half_waves(run, 0.0))


def _cosine_with_min_lr(run: Run) -> Document:
    return _warmed(run, _half_waves(run, _lowest(run)))


def _half_waves(run: Run, lowest: float) -> Document:
    """Return `num_cycles` waves in the updates after the warmup, half a wave by default."""
    cycles = run.kwargs.number("num_cycles", 0.5)
    fall = run.left / (2 * cycles) if cycles > 0 else 0.5
    if fall == int(fall):
        eta_min = run.lr * lowest
        return {"schedule": "cosine_annealing", "T_max": int(fall), "eta_min": eta_min}
    wave = f"(1 + cos(pi * {2 * cycles!r} * t / {run.left})) / 2"
    return _formula(f"{wave} * {1 - lowest!r} + {lowest!r}")


def _lowest(run: Run) -> float:
    """Return the lowest rate as a fraction of the optimizer's."""
    if ("min_lr" in run.kwargs) == ("min_lr_rate" in run.kwargs):
        raise BadInput(_PLACE, "both or none of min_lr and min_lr_rate", "one of them")
    if "min_lr" in run.kwargs:
        return run.kwargs.number("min_lr", least=0) / run.lr
    return run.kwargs.number("min_lr_rate", least=0)


def _cosine_warmup_with_min_lr(run: Run) -> Document:
    lowest, left, count = _lowest(run), run.left, run.warmup
    cycles = run.kwargs.number("num_cycles", 0.5)
    wave = f"(1 + cos(pi * {2 * cycles!r} * (t + 1) / {left})) / 2"
    fall = _formula(f"max(0, {wave} * {1 - lowest!r} + {lowest!r})")
    rate = run.kwargs.number("warmup_lr_rate", -1)
    if count == 0:
        return fall
    rise = f"(t + 1) / {count}"
    if rate >= 0:
        rise = f"{rate!r} + {1 - rate!r} * t / {max(1, count - 1)}"
    return _sequence([_formula(rise), fall], [count])


def _cosine_with_restarts(run: Run) -> Document:
    cycles = run.kwargs.whole("num_cycles", 1, 1)
    if run.left % cycles == 0:
        lengths = {"T_0": run.left // cycles, "restart_limit": cycles}
        return _warmed(run, {"schedule": "cosine_warm_restarts", **lengths})
    wave = f"(1 + cos(pi * ({cycles} * t % {run.left}) / {run.left})) / 2"
    return _warmed(run, _formula(f"{wave} if t < {run.left} else 0"))


def _polynomial(run: Run) -> Document:
    end = run.kwargs.number("lr_end", 1e-7)
    if not run.lr > end:
        raise BadInput(f"{_PLACE}.lr_end", end, f"less than lr, which is {run.lr!r}")
    power = run.kwargs.number("power", 1.0)
    fall = {"total_iters": run.left, "power": power, "end_lr": end}
    return _warmed(run, {"schedule": "polynomial", **fall})


def _inverse_sqrt(run: Run) -> Document:
    scale = run.kwargs.whole("timescale", run.warmup or 10_000, 1)
    return _warmed(run, _formula(f"1 / sqrt((t + {scale}) / {scale})"))


def _warmup_stable_decay(run: Run) -> Document:
    warmup, decay = run.warmup, run.kwargs.whole("num_decay_steps")
    place = f"{_PLACE}.num_stable_steps"
    if "num_stable_steps" in run.kwargs:
        stable = run.kwargs.whole("num_stable_steps")
    else:
        stable = run.fields.whole("num_training_steps") - warmup - decay
        run.kwargs.take("num_stable_steps", None)
    if stable < 0:
        raise BadInput(place, stable, "0 or more: the warmup and the decay fill the run")
    lowest = run.kwargs.number("min_lr_ratio", 0, least=0)
    kinds = ("linear", "cosine", "1-sqrt")
    rise = _shape(run.kwargs.choice("warmup_type", kinds, "linear"), _UP, warmup, lowest)
    shape = run.kwargs.choice("decay_type", kinds, "cosine")
    fall = _fall(shape, decay, lowest, run.kwargs.number("num_cycles", 0.5))
    parts = [(rise, warmup), (_constant(run), stable), (fall, decay)]
    there = [(part, length) for part, length in parts[:2] if length] + parts[2:]
    milestones = [sum(length for _, length in there[:i]) for i in range(1, len(there))]
    return _sequence([part for part, _ in there], milestones) if milestones else fall


_UP = {"linear": "{p}", "cosine": "(1 - cos(pi * {p})) / 2", "1-sqrt": "1 - sqrt(1 - {p})"}
_DOWN = {"1-sqrt": "1 - sqrt({p})", "cosine": "(1 + cos(pi * {waves!r} * {p})) / 2"}


def _shape(kind: str, shapes: dict[str, str], steps: int, lowest: float, **given: Any) -> Document:
    if kind == "linear" and lowest == 0:
        return _formula(f"t / {max(1, steps)}")
    if kind == "linear" and steps:
        line = {"start_factor": lowest, "end_factor": 1.0, "total_iters": steps}
        return {"schedule": "linear", **line}
    factor = shapes[kind].format(p=f"(t / {max(1, steps)})", **given)
    return _formula(f"max(0, ({factor}) * {1 - lowest!r} + {lowest!r})")


def _fall(kind: str, steps: int, lowest: float, cycles: float) -> Document:
    """Return the decay, and after its end the lowest rate."""
    if steps == 0:
        return _formula(repr(lowest))
    if kind == "linear":
        line = {"start_factor": 1.0, "end_factor": lowest, "total_iters": steps}
        return {"schedule": "linear", **line}
    if kind == "cosine" and cycles == 0.5:
        return {"schedule": "cosine_decay", "decay_steps": steps, "alpha": lowest}
    wave = _shape(kind, _DOWN, steps, lowest, waves=2 * cycles)
    return _formula(f"{wave['factor']} if t < {steps} else {lowest!r}")


def _sequence(schedules: list[Document], milestones: list[int]) -> Document:
    return {"schedule": "sequential", "schedules": schedules, "milestones": milestones}


_READERS: dict[str, Callable[[Run], Document]] = {
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "constant": _constant,
    "constant_with_warmup": _constant_with_warmup,
    "inverse_sqrt": _inverse_sqrt,
    "cosine_with_min_lr": _cosine_with_min_lr,
    "cosine_warmup_with_min_lr": _cosine_warmup_with_min_lr,
    "warmup_stable_decay": _warmup_stable_decay,
}
_METRICS = ("reduce_lr_on_plateau", "greedy")
