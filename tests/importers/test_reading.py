"""An object is read as the recipe that its call was written from: both directions of a binding."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lrspec import BadInput
from lrspec.bindings.backend import Backend, backend_of, frameworks
from lrspec.bindings.document import EXPLICIT
from lrspec.bindings.tree import Argument, Call, Function, PerGroup, Variable
from lrspec.bindings.writing import write
from lrspec.errors import Unsupported
from lrspec.importers.live_scheduler import Absent, Composition, LiveFunction, LiveScheduler
from lrspec.importers.reading import recipe_of
from lrspec.port.equivalence import compared, first_difference
from lrspec.spec.formula.compiler import value as value_of
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import name
from lrspec.spec.recipe import Recipe, from_dict
from lrspec.suite.cases import cases

#: A warmup is written in absolute rates, which a sequence takes as fractions of the running one.
LOST = {"torch": {"chained/schedules-linear-warmup-second"}}


class Built(LiveScheduler):
    """The scheduler that a call builds, with one parameter group per base rate."""

    def __init__(self, call: Call, backend: Backend, bases: Sequence[float]):
        self.composition = Composition(backend, [{}] * len(bases))
        self.bindings = backend.bindings
        self.description, self.name, self.place, self.base = (
            {"class": call.name},
            call.name,
            "$",
            None,
        )
        self.call, self.bases = call, bases

    @property
    def base_lr(self):
        if not self.bases:
            raise Absent("base_lr")
        return tuple(self.bases)

    def argument(self, name: str):
        if name not in self.call.arguments:
            raise Absent(name)
        return self.live(self.call.arguments[name])

    def live(self, value: Argument):
        match value:
            case Call():
                return Built(value, self.composition.backend, self.bases)
            case Function(formula):
                return LiveFunction(described(formula), "$")
            case list():
                return [self.live(item) for item in value]
        return value


def described(formula: Formula) -> dict:
    """Return a lambda of *formula* as a worker describes it."""
    values = [(t, value_of(formula, {"t": t})) for t in range(1, 9)]
    text = f"lambda t: {formula.text}"
    known = {"name": "<lambda>", "doc": None, "bound": {}, "names": {"pi": name("pi")}}
    return {**known, "texts": [text], "values": values}


def read_call(call: Call, backend: Backend, *bases: float) -> Recipe:
    return recipe_of(Built(call, backend, bases))


def read_back(call: Call, backend: Backend, recipe: Recipe) -> Recipe:
    found = read_call(call, backend, *recipe.bases).to_dict()
    found.setdefault("base_lr", list(recipe.bases))
    return from_dict(found)


def written(recipe: Recipe, backend: Backend) -> Call | None:
    try:
        return write(recipe, backend).call
    except Unsupported:
        return None


def rewritten(recipe: Recipe, backend: Backend) -> bool:
    """Tell whether *recipe*, or a nested one, is written as another schedule."""
    inner = [rewritten(member.with_base(*recipe.bases), backend) for member in recipe.members()]
    names = [b for b in backend.bindings_of(recipe.kind).bindings if b.argument_form == EXPLICIT]
    return any(inner) or not all(b.reads or b.read_only for b in names)


@pytest.mark.parametrize("backend", frameworks().values(), ids=lambda backend: backend.name)
def test_every_case_is_read_as_it_was_written(backend: Backend):
    same = 0
    for case in cases():
        call = written(case.recipe, backend)
        if call is None:
            continue
        found = read_back(call, backend, case.recipe)
        if rewritten(case.recipe, backend):
            lost = case.id in LOST.get(backend.name, ())
            outcomes = ("differs",) if lost else ("same", "same rates")
            assert compared(case.recipe, found).outcome in outcomes, case.id
        else:
            difference = first_difference(case.recipe, found)
            if backend.groups == "factors" and len(case.recipe.bases) > 1:
                assert difference == "the base rate"  # the optimizer has the groups' factors
                continue
            assert difference in ("", "cyclic's scale_mode"), case.id  # unread but in mode own
            same += 1
    assert same > 100


def test_a_binding_reads_only_the_recipes_that_it_writes():
    torch = backend_of("torch")
    arguments = {"optimizer": Variable("optimizer"), "max_lr": 1.0, "base_lr": 0.1}
    steps = {"step_size_up": 3, "step_size_down": 4, "gamma": 1.0}
    call = Call("CyclicLR", {**arguments, **steps, "mode": "own", "cycle_momentum": True})
    with pytest.raises(BadInput, match="found CyclicLR, expected an attribute base_momentum"):
        read_call(call, torch)


def test_a_constant_of_a_binding_must_be_equal():
    oneflow = backend_of("oneflow")
    step = Call("StepLR", {"optimizer": Variable("optimizer"), "step_size": 3, "gamma": 0.1})
    warmup = {"scheduler_or_optimizer": step, "warmup_factor": 0.5, "warmup_iters": 4}
    prefixed = {**warmup, "warmup_method": "linear", "warmup_prefix": True}
    recipe = read_call(Call("WarmupLR", prefixed), oneflow, 0.2)
    assert (recipe.kind, recipe.given["start_lr"]) == ("linear_warmup", 0.1)
    prefixed["warmup_prefix"] = False
    with pytest.raises(BadInput, match="found WarmupLR, expected WarmupLR as in the versions"):
        read_call(Call("WarmupLR", prefixed), oneflow, 0.2)


def test_a_parameter_that_differs_between_groups_is_refused():
    torch = backend_of("torch")
    call = Call("StepLR", {"step_size": PerGroup((3, 4)), "gamma": 0.1})
    with pytest.raises(BadInput, match="the same parameters for all parameter groups"):
        read_call(call, torch, 0.1, 0.2)


def test_values_per_group_are_read_and_written_as_lists():
    torch = backend_of("torch")
    document = {
        "schedule": "cyclic",
        "base_lr": [0.1, 0.2],
        "max_lr": [1, 2],
        "step_size_up": 4,
        "step_size_down": 4,
        "mode": "triangular",
        "gamma": 1.0,
    }
    call = write(from_dict(document), torch).call
    assert call.arguments["max_lr"] == PerGroup((1, 2))
    assert read_call(call, torch, 0.1, 0.2).given["max_lr"] == (1, 2)


def test_base_rates_may_differ_between_groups():
    torch = backend_of("torch")
    two = {"schedule": "cyclic", "base_lr": [0.1, 0.2], "max_lr": 1, "step_size_up": 4}
    call = write(from_dict(two), torch).call
    assert call.arguments["base_lr"] == PerGroup((0.1, 0.2))
    assert read_call(call, torch, 0.1, 0.2).base_lr == (0.1, 0.2)


def test_a_formula_is_written_as_a_function_and_read_as_it_was():
    recipe = from_dict({"schedule": "lambda", "base_lr": 1, "factor": "0.5 ** t"})
    call = write(recipe, backend_of("torch")).call
    assert isinstance(call.arguments["lr_lambda"], Function)
    assert read_back(call, backend_of("torch"), recipe) == recipe
