"""PaddleClas: `Optimizer.lr` of a configuration, with its epochs in updates.

The semantics are those of `ppcls/optimizer/learning_rate.py` (the subclasses of `LRBase`) and of
`ppcls/engine/train/train.py`, which steps a scheduler once per update, or once per epoch if it is
`by_epoch`. PaddleClas ignores unknown fields; here they are errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrspec.engine.units import in_updates
from lrspec.errors import BadInput
from lrspec.importers.configuration.documents import Document, constant, formula
from lrspec.importers.configuration.fields import Fields, Units, described, whole
from lrspec.spec.recipe import Recipe, from_dict


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe, in updates, of a PaddleClas configuration.

    *document* is the whole file, of which `Optimizer.lr` and `Global.epochs` are read. Raises
    `BadInput` for an unknown schedule or field, and for an invalid value.
    """
    place, section = _section(document)
    fields = Fields(section, place, texts=True)
    for ignored in ("verbose", "last_epoch"):
        if fields.take(ignored, False) not in (False, -1):  # noqa: FBT003 - its default
            raise BadInput(f"{place}.{ignored}", section[ignored], "its default")
    name = fields.choice("name", ["Constant", *_READERS, *_METRICS], "Constant")
    if name in _METRICS:
        raise BadInput(f"{place}.name", name, "a schedule that reads no metrics")
    if name == "Constant":  # it has no warmup and no length
        base, recipe, updates_per_step = fields.number("learning_rate"), constant(), 1
    else:
        by_epoch = fields.flag("by_epoch", default=False)
        run = TrainingRun(_epochs(document, units), units.epoch(), by_epoch)
        base, recipe = _READERS[name](fields, run)
        updates_per_step = run.updates_per_epoch if by_epoch else 1
    fields.done()
    try:
        return in_updates(from_dict({"base_lr": base, **recipe}), updates_per_step)
    except BadInput as error:
        raise error.under(place) from error


@dataclass(frozen=True)
class TrainingRun:
    """The length of a training run, and whether a scheduler step is an epoch or an update."""

    epochs: int
    updates_per_epoch: int
    by_epoch: bool

    @property
    def steps_per_epoch(self) -> int:
        """The scheduler steps per epoch."""
        return 1 if self.by_epoch else self.updates_per_epoch


def _section(document: Any) -> tuple[str, Any]:
    optimizer = Fields(document, "$").take("Optimizer")
    if isinstance(optimizer, list):
        if len(optimizer) != 1 or not isinstance(optimizer[0], dict) or len(optimizer[0]) != 1:
            raise BadInput("$.Optimizer", described(optimizer), "one optimizer")
        name, inner = next(iter(optimizer[0].items()))
        return f"$.Optimizer[0].{name}.lr", Fields(inner, f"$.Optimizer[0].{name}").take("lr")
    return "$.Optimizer.lr", Fields(optimizer, "$.Optimizer").take("lr")


def _epochs(document: Any, units: Units) -> int:
    if units.epochs is not None:
        return whole(units.epochs, "--epochs", 1)
    whole_file = Fields(document, "$")
    if "Global" not in whole_file:
        raise BadInput("$.Global.epochs", "nothing", "the epochs of the run, here or as --epochs")
    return Fields(whole_file.take("Global"), "$.Global", texts=True).whole("epochs", least=1)


def _with_warmup(
    fields: Fields, run: TrainingRun, end_lr: float, after: Document, *, steps: int | None = None
) -> Document:
    """Return *after*, preceded by the warmup if the fields define one."""
    start_lr = fields.number("warmup_start_lr", 0.0)
    epochs = _warmup_epochs(fields, run)
    place = f"{fields.place}.warmup_epoch"
    length = whole(epochs, place) if run.by_epoch else round(epochs * run.updates_per_epoch)
    length = length if steps is None else steps
    if length <= 0:
        return after
    line = {"warmup_steps": length, "start_lr": start_lr, "end_lr": end_lr}
    return {"schedule": "linear_warmup", **line, "after": after}


def _warmup_epochs(fields: Fields, run: TrainingRun) -> float:
    """Return the epochs of the warmup, at most those of the run."""
    return min(fields.number("warmup_epoch", 0), run.epochs)


def _decay_steps(fields: Fields, run: TrainingRun) -> int:
    remaining = run.epochs - _warmup_epochs(fields, run)
    return whole(remaining * run.steps_per_epoch, f"{fields.place}.warmup_epoch")


def _const_lr(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base = fields.number("learning_rate")
    return base, _with_warmup(fields, run, base, constant())


def _linear(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base, steps = fields.number("learning_rate"), _decay_steps(fields, run)
    decay: Document = {"schedule": "polynomial", "total_iters": steps}
    decay |= {"power": fields.number("power", 1.0), "end_lr": fields.number("end_lr", 0.0)}
    decay |= {"cycle": fields.flag("cycle", default=False)}
    # Only Linear counts its warmup in updates even if it is stepped once per epoch.
    warmup = round(_warmup_epochs(fields, run) * run.updates_per_epoch)
    return base, _with_warmup(fields, run, base, decay if steps > 0 else constant(), steps=warmup)


def _cosine(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base, steps = fields.number("learning_rate"), _decay_steps(fields, run)
    decay = {"schedule": "cosine_annealing", "T_max": steps, "eta_min": fields.number("eta_min", 0)}
    return base, _with_warmup(fields, run, base, decay if steps > 0 else constant())


def _cosine_fixmatch(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base, warmup = fields.number("learning_rate"), fields.whole("num_warmup_steps")
    cycles = fields.number("num_cycles", 7 / 16)
    remaining = max(1, run.epochs * run.updates_per_epoch - warmup)
    after = formula(f"max(0, cos(pi * {cycles!r} * t / {remaining}))")
    if warmup == 0:
        return base, after
    return base, {"schedule": "linear_warmup", "warmup_steps": warmup, "after": after}


def _step(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base, size = fields.number("learning_rate"), fields.number("step_size")
    place = f"{fields.place}.step_size"
    steps = whole(size, place, 1) if run.by_epoch else int(size * run.updates_per_epoch)
    decay = {"schedule": "step", "step_size": steps, "gamma": fields.number("gamma")}
    return base, _with_warmup(fields, run, base, decay)


def _multistep(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base = fields.number("learning_rate")
    epochs = fields.numbers("milestones")
    steps = _in_steps(f"{fields.place}.milestones", epochs, run)
    decay = {"schedule": "multistep", "milestones": steps, "gamma": fields.number("gamma", 0.1)}
    return base, _with_warmup(fields, run, base, decay)


def _piecewise(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    if "learning_rate" in fields:  # it replaces both lists
        base = fields.number("learning_rate")
        fields.take("decay_epochs", None)
        fields.take("values", None)
        epochs: list[float] = [*range(30, run.epochs, 30)] or [run.epochs]
        values = [base * 0.1**i for i in range(len(range(0, run.epochs, 30)))]
        values = values if len(values) > 1 else values * 2
    else:
        epochs, values = fields.numbers("decay_epochs"), fields.numbers("values")
    steps = _in_steps(f"{fields.place}.decay_epochs", epochs, run)
    decay = {"schedule": "piecewise_constant", "boundaries": steps, "values": values}
    return values[0], _with_warmup(fields, run, values[0], decay)


def _in_steps(place: str, epochs: list[float], run: TrainingRun) -> list[int]:
    return [whole(e * run.steps_per_epoch, f"{place}[{i}]") for i, e in enumerate(epochs)]


def _cyclic(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    base, up = fields.number("base_learning_rate"), fields.whole("step_size_up", least=1)
    fields.reject("scale_fn", "one of the modes: a file cannot hold a function")
    fields.take("scale_mode", None)  # used only with a scale_fn
    modes = ("triangular", "triangular2", "exp_range")
    cycles = {
        "schedule": "cyclic",
        "max_lr": fields.number("max_learning_rate"),
        "step_size_up": up,
        "step_size_down": fields.whole("step_size_down", up, 1),
        "mode": fields.choice("mode", modes, "triangular"),
        "gamma": fields.number("exp_gamma", 1.0),
    }
    return base, _with_warmup(fields, run, base, cycles)


def _one_cycle(fields: Fields, run: TrainingRun) -> tuple[float, Document]:
    max_lr, divide = fields.number("max_learning_rate"), fields.number("divide_factor", 25.0)
    last = fields.number("end_learning_rate", 1e-10)
    if not (max_lr > 0 and divide > 0 and last > 0):
        raise BadInput(fields.place, "a rate or divisor of 0", "rates and divisors above 0")
    cycle = {
        "schedule": "one_cycle",
        "max_lr": max_lr,
        "total_steps": run.epochs * run.updates_per_epoch,
        "pct_start": fields.number("phase_pct", 0.3),
        "anneal_strategy": fields.choice("anneal_strategy", ("cos", "linear"), "cos"),
        "div_factor": divide,
        "final_div_factor": max_lr / divide / last,
        "three_phase": fields.flag("three_phase", default=False),
    }
    return max_lr, _with_warmup(fields, run, max_lr, cycle)


_READERS: dict[str, Callable[[Fields, TrainingRun], tuple[float, Document]]] = {
    "ConstLR": _const_lr,
    "Linear": _linear,
    "Cosine": _cosine,
    "CosineFixmatch": _cosine_fixmatch,
    "Step": _step,
    "MultiStepDecay": _multistep,
    "Piecewise": _piecewise,
    "Cyclic": _cyclic,
    "OneCycleLR": _one_cycle,
}
_METRICS = ("ReduceOnPlateau",)
