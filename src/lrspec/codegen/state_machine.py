"""A state machine as statements: how a metric changes its state, and the rate that follows."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.statements import Let
from lrspec.dialect.machine import with_own_machine
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import constant, count, name
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

_INDENT = 8  # of the body of a method


@dataclass(frozen=True)
class States:
    """A state machine with a recipe's numbers filled in.

    `first` is the first value of each state variable; `learn` are the assignments that depend on
    the metric and the state alone, `after` those that compute a rate from the one before, `rate`.
    `due` is the only name that `after` reads of those that `learn` assigns.
    """

    first: list[Let]
    learn: list[Let]
    after: list[Let]
    due: str


def states_of(recipe: Recipe, prefix: str = "") -> States:
    """Return the state machine that *recipe* means; no rate may change its state.

    *prefix* comes before the name of each state variable, and before `due` where `after` reads it.
    """
    machine = with_own_machine(recipe).schedule.machine
    assert machine is not None  # noqa: S101 - only called for a recipe that has one
    values = recipe.values(1.0)
    names = {n: constant(value) for n, value in values.items() if not isinstance(value, tuple)}
    state = {variable: f"{prefix}{variable}" for variable in machine.state}
    start = {v: constant(number) for v, number in (recipe.start or {}).items()}
    first = [
        (state[v], start.get(v) or substitute(f.tree, names)) for v, f in machine.state.items()
    ]
    names |= {variable: name(full_name) for variable, full_name in state.items()}
    learn: list[Let] = []
    after: list[Let] = []
    depends_on_rate = {"rate"}
    for target, formula in machine.step:
        node = _condition(substitute(formula.tree, names))
        if isinstance(node, ast.Constant) and target not in state:
            names[target] = node
        elif target in depends_on_rate or any(count(node, n) for n in depends_on_rate):
            depends_on_rate.add(target)
            after.append((target, node))
        else:
            learn.append((state.get(target, target), node))
    local = {target for target, _ in learn}.difference(state.values())
    (due,) = {target for target in local if any(count(node, target) for _, node in after)}
    read = {due: name(f"{prefix}{due}")}
    after = [(target, substitute(node, read)) for target, node in after]
    return States(first, _shortened(learn, due), after, due)


def _condition(node: ast.expr) -> ast.expr:
    """Return the condition of `1 if condition else 0`, and any other node as it is."""
    match node:
        case ast.IfExp(test, ast.Constant(value=1), ast.Constant(value=0)):
            return test
    return node


def _shortened(assigned: list[Let], due: str) -> list[Let]:
    """Return the assignments, each that only the next one reads inlined into it if it is short."""
    shortened: list[Let] = []
    rest = list(assigned)
    while rest:
        target, node = rest.pop(0)
        reads = [count(later, target) for _, later in rest]
        if target != due and reads and reads[0] == sum(reads) == 1:
            reader, inlined = rest[0][0], substitute(rest[0][1], {target: node})
            if len(f"{reader} = {unparse(inlined)}") <= WIDTH - _INDENT:
                rest[0] = (reader, inlined)
                continue
        shortened.append((target, node))
    return shortened
