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
from lrspec.errors import BadInput, described, under
from lrspec.importers.configuration.documents import Document, constant, formula, linear_warmup
from lrspec.importers.configuration.fields import Fields, Units, whole
from lrspec.spec.recipe import Recipe, from_dict


def read(document: Any, units: Units) -> Recipe:
    """Return the recipe, in updates, of a PaddleClas configuration.

    *document* is the whole file, of which `Optimizer.lr` and `Global.epochs` are read. Raises
    `BadInput` for an unknown schedule or field, and for an invalid value.
    """
    place, section = _section(document)
    fields = Fields(section, place, texts=True)
    for ignored in ("verbose", "last_epoch"):
        found = fields.take(ignored, default=False)
        if found not in (False, -1):
            raise fields.error(ignored, described(found), "its default")
    name = fields.choice("name", ["Constant", *_READERS, *_METRICS], "Constant")
    if name in _METRICS:
        raise fields.error("name", name, "a schedule that reads no metrics")
    if name == "Constant":  # it has no warmup and no length
        base, recipe, updates_per_step = fields.number("learning_rate"), constant(), 1
    else:
        by_epoch = fields.flag("by_epoch", default=False)
        run = TrainingRun(fields, _epochs(document, units), units.per_epoch(), by_epoch)
        recipe = _READERS[name](run)
        own_base = "base_lr" in recipe
        base = recipe.pop("base_lr") if own_base else fields.number("learning_rate")
        if name != "CosineFixmatch":  # it has a warmup of its own
            recipe = run.after_warmup(base, recipe, in_updates=name == "Linear")
        updates_per_step = run.updates_per_epoch if by_epoch else 1
    fields.done()
    with under(place):
        return in_updates(from_dict({"base_lr": base, **recipe}), updates_per_step)


@dataclass(frozen=True)
class TrainingRun:
    """The fields of a scheduler, the epochs of its run, and whether each epoch is one step."""

    fields: Fields
    epochs: int
    updates_per_epoch: int
    by_epoch: bool

    @property
    def steps_per_epoch(self) -> int:
        """The scheduler steps per epoch."""
        return 1 if self.by_epoch else self.updates_per_epoch

    @property
    def warmup_epochs(self) -> float:
        """The epochs of the warmup, at most those of the run."""
        return min(self.fields.number("warmup_epoch", 0), self.epochs)

    @property
    def decay_steps(self) -> int:
        """The scheduler steps after the warmup."""
        remaining = self.epochs - self.warmup_epochs
        return whole(remaining * self.steps_per_epoch, f"{self.fields.place}.warmup_epoch")

    def after_warmup(self, base: float, decay: Document, *, in_updates: bool) -> Document:
        """Return *decay* from *base* on after the warmup, if there is one.

        A warmup counts scheduler steps, or updates if *in_updates*.
        """
        start_lr = self.fields.number("warmup_start_lr", 0.0)
        if self.by_epoch and not in_updates:
            steps = whole(self.warmup_epochs, f"{self.fields.place}.warmup_epoch")
        else:
            steps = round(self.warmup_epochs * self.updates_per_epoch)
        return linear_warmup(steps, decay, start_lr=start_lr, end_lr=base)


def _section(document: Any) -> tuple[str, Any]:
    place, optimizer = "$.Optimizer", Fields(document, "$").take("Optimizer")
    if isinstance(optimizer, list):
        if len(optimizer) != 1 or not isinstance(optimizer[0], dict) or len(optimizer[0]) != 1:
            raise BadInput(place, described(optimizer), "one optimizer")
        ((name, optimizer),) = optimizer[0].items()
        place = f"$.Optimizer[0].{name}"
    return f"{place}.lr", Fields(optimizer, place).take("lr")


def _epochs(document: Any, units: Units) -> int:
    if units.epochs is not None:
        return whole(units.epochs, "--epochs", 1)
    whole_file = Fields(document, "$")
    if "Global" not in whole_file:
        raise BadInput("$.Global.epochs", "nothing", "the epochs of the run, here or as --epochs")
    return Fields(whole_file.take("Global"), "$.Global", texts=True).whole("epochs", least=1)


def _linear(run: TrainingRun) -> Document:
    fields, steps = run.fields, run.decay_steps
    decay: Document = {"schedule": "polynomial", "total_iters": steps}
    decay |= {"power": fields.number("power", 1.0), "end_lr": fields.number("end_lr", 0.0)}
    decay |= {"cycle": fields.flag("cycle", default=False)}
    return decay if steps > 0 else constant()


def _cosine(run: TrainingRun) -> Document:
    steps, eta_min = run.decay_steps, run.fields.number("eta_min", 0)
    decay = {"schedule": "cosine_annealing", "T_max": steps, "eta_min": eta_min}
    return decay if steps > 0 else constant()


def _cosine_fixmatch(run: TrainingRun) -> Document:
    steps, cycles = run.fields.whole("num_warmup_steps"), run.fields.number("num_cycles", 7 / 16)
    remaining = max(1, run.epochs * run.updates_per_epoch - steps)
    return linear_warmup(steps, formula(f"max(0, cos(pi * {cycles!r} * t / {remaining}))"))


def _step(run: TrainingRun) -> Document:
    if run.by_epoch:
        size = run.fields.whole("step_size", least=1)
    else:
        size = int(run.fields.number("step_size") * run.updates_per_epoch)
    return {"schedule": "step", "step_size": size, "gamma": run.fields.number("gamma")}


def _multistep(run: TrainingRun) -> Document:
    steps = run.fields.wholes("milestones", times=run.steps_per_epoch)
    gamma = run.fields.number("gamma", 0.1)
    return {"schedule": "multistep", "milestones": steps, "gamma": gamma}


def _piecewise(run: TrainingRun) -> Document:
    fields = run.fields
    if "learning_rate" in fields:  # it replaces both lists
        base = fields.number("learning_rate")
        fields.take("decay_epochs", None)
        fields.take("values", None)
        drops = [*range(30, run.epochs, 30)]
        values = [base * 0.1**i for i in range(len(drops) + 1)]
        steps = [epoch * run.steps_per_epoch for epoch in drops or [run.epochs]]
        values = values if drops else values * 2
    else:
        steps = fields.wholes("decay_epochs", times=run.steps_per_epoch)
        values = fields.numbers("values")
    decay = {"schedule": "piecewise_constant", "boundaries": steps, "values": values}
    return {"base_lr": values[0], **decay}


def _cyclic(run: TrainingRun) -> Document:
    fields, up = run.fields, run.fields.whole("step_size_up", least=1)
    scale_fn = fields.take("scale_fn", None)
    if scale_fn is not None:
        expected = "one of the modes: a file cannot hold a function"
        raise fields.error("scale_fn", described(scale_fn), expected)
    fields.take("scale_mode", None)  # used only with a scale_fn
    return {
        "schedule": "cyclic",
        "base_lr": fields.number("base_learning_rate"),
        "max_lr": fields.number("max_learning_rate"),
        "step_size_up": up,
        "step_size_down": fields.whole("step_size_down", up, 1),
        "mode": fields.choice("mode", ("triangular", "triangular2", "exp_range"), "triangular"),
        "gamma": fields.number("exp_gamma", 1.0),
    }


def _one_cycle(run: TrainingRun) -> Document:
    fields = run.fields
    max_lr, divide = fields.number("max_learning_rate"), fields.number("divide_factor", 25.0)
    last = fields.number("end_learning_rate", 1e-10)
    if not (max_lr > 0 and divide > 0 and last > 0):
        raise BadInput(fields.place, "a rate or divisor of 0", "rates and divisors above 0")
    return {
        "schedule": "one_cycle",
        "base_lr": max_lr,
        "max_lr": max_lr,
        "total_steps": run.epochs * run.updates_per_epoch,
        "pct_start": fields.number("phase_pct", 0.3),
        "anneal_strategy": fields.choice("anneal_strategy", ("cos", "linear"), "cos"),
        "div_factor": divide,
        "final_div_factor": max_lr / divide / last,
        "three_phase": fields.flag("three_phase", default=False),
    }


#: The decay of each schedule, with its base rate where that is not the `learning_rate`.
_READERS: dict[str, Callable[[TrainingRun], Document]] = {
    "ConstLR": lambda _: constant(),
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
