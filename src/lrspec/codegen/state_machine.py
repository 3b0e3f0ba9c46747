"""A state machine as statements: what a metric teaches, and what becomes of a rate after it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from lrspec.codegen.statements import RETURN, Body
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import constant, count, is_constant, name
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

#: One assignment of a machine's step: to which name, and what.
Assigned = tuple[str, ast.expr]


@dataclass(frozen=True)
class States:
    """A machine with its numbers filled in.

    `first` gives each state its first value; `learn` are the assignments that follow from a metric
    alone, `after` those that make a rate of the rate before. What `after` needs to know of the
    metric is the one name `due`.
    """

    first: dict[str, ast.expr]
    learn: list[Assigned]
    after: list[Assigned]
    due: str

    def write_first(self, body: Body, spell: Callable[[str], str], indent: int) -> None:
        """Write the first value of each state, *spell* telling how its name stands."""
        for state, node in self.first.items():
            body.line(f"{spell(state)} = {unparse(node)}", indent)

    def write_learn(self, body: Body, spell: Callable[[str], str], indent: int) -> None:
        """Write what a metric teaches."""
        names = {state: name(spell(state)) for state in self.first}
        for target, node in self.learn:
            found = spell(target) if target in self.first else target
            body.put(f"{found} = ", substitute(node, names), indent)

    def write_after(self, body: Body, due: str, sink: str, indent: int) -> None:
        """Write what *sink* does with the rate after `rate`, *due* being told by that name."""
        *lets, (_, result) = self.after
        names = {self.due: name(due)}
        parts = [(target, substitute(node, names)) for target, node in lets]
        body.block(parts, substitute(result, names), sink, indent)


def states_of(recipe: Recipe) -> States:
    """Return the machine of *recipe*, whose rates follow from states that no rate changes."""
    machine = recipe.schedule.machine
    assert machine is not None  # noqa: S101 - no other recipe is asked
    values = recipe.values(1.0)
    names = {n: constant(found) for n, found in values.items() if not isinstance(found, tuple)}
    first = {state: substitute(formula.tree, names) for state, formula in machine.state.items()}
    steps: list[Assigned] = []
    for target, formula in machine.step:
        node = _truth(substitute(formula.tree, names))
        if is_constant(node) and target not in first:
            names[target] = node
        else:
            steps.append((target, node))
    moving = {"rate"}
    after: list[Assigned] = []
    learn: list[Assigned] = []
    for target, node in steps:
        if target in moving or any(count(node, found) for found in moving):
            moving.add(target)
            after.append((target, node))
        else:
            learn.append((target, node))
    told = {t for t, _ in learn if t not in first and any(count(node, t) for _, node in after)}
    (due,) = told
    return States(first, _shortened(learn, due), after, due)


def learn_body(states: States) -> list[str]:
    """Return the lines of a method that takes a metric and tells what is due."""
    body = Body()
    states.write_learn(body, _own, 8)
    body.line(f"{RETURN}{states.due}", 8)
    return body.lines


def after_body(states: States) -> list[str]:
    """Return the lines of a method that makes a rate of the rate before."""
    body = Body()
    states.write_after(body, _own(states.due), RETURN, 8)
    return body.lines


def first_body(states: States) -> list[str]:
    """Return the lines that give each state its first value."""
    body = Body()
    states.write_first(body, _own, 8)
    return body.lines


def _own(state: str) -> str:
    return f"self.{state}"


def _truth(node: ast.expr) -> ast.expr:
    """Return a condition in the place of `1 if condition else 0`."""
    match node:
        case ast.IfExp(test, ast.Constant(value=1), ast.Constant(value=0)):
            return test
    return node


def _shortened(assigned: list[Assigned], due: str) -> list[Assigned]:
    """Return the assignments, one that only the next reads being written into it."""
    found: list[Assigned] = []
    rest = list(assigned)
    while rest:
        target, node = rest.pop(0)
        reads = [count(later, target) for _, later in rest]
        if target != due and reads and reads[0] == sum(reads) == 1:
            rest[0] = (rest[0][0], substitute(rest[0][1], {target: node}))
        else:
            found.append((target, node))
    return found
