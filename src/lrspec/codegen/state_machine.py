"""A state machine as statements: how a metric changes its state, and the rate that follows."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from lrspec.codegen.statements import RETURN, Body
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.nodes import constant, count, is_constant, name
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

#: One assignment of a step of a state machine: its target and its value.
Assigned = tuple[str, ast.expr]


@dataclass(frozen=True)
class States:
    """A state machine with a recipe's numbers filled in.

    `first` is the first value of each state variable; `learn` are the assignments that depend on
    the metric and the state alone, `after` those that compute a rate from the rate before. `due` is
    the only name that `after` reads of those that `learn` assigns.
    """

    first: dict[str, ast.expr]
    learn: list[Assigned]
    after: list[Assigned]
    due: str

    def write_first(self, body: Body, qualify: Callable[[str], str], indent: int) -> None:
        """Write the first value of each state variable; *qualify* returns its full name."""
        for state, node in self.first.items():
            body.line(f"{qualify(state)} = {unparse(node)}", indent)

    def write_learn(self, body: Body, qualify: Callable[[str], str], indent: int) -> None:
        """Write how a metric changes the state."""
        names = {state: name(qualify(state)) for state in self.first}
        for target, node in self.learn:
            full_name = qualify(target) if target in self.first else target
            body.put(f"{full_name} = ", substitute(node, names), indent)

    def write_after(self, body: Body, due: str, sink: str, indent: int) -> None:
        """Write what *sink* does with the rate that follows `rate`; *due* is the name to read."""
        *lets, (_, result) = self.after
        names = {self.due: name(due)}
        parts = [(target, substitute(node, names)) for target, node in lets]
        body.block(parts, substitute(result, names), sink, indent)


def states_of(recipe: Recipe) -> States:
    """Return the state machine of *recipe*; no rate may change its state."""
    machine = recipe.schedule.machine
    assert machine is not None  # noqa: S101 - no other recipe is asked
    values = recipe.values(1.0)
    names = {n: constant(value) for n, value in values.items() if not isinstance(value, tuple)}
    first = {state: substitute(formula.tree, names) for state, formula in machine.state.items()}
    steps: list[Assigned] = []
    for target, formula in machine.step:
        node = _truth(substitute(formula.tree, names))
        if is_constant(node) and target not in first:
            names[target] = node
        else:
            steps.append((target, node))
    depends_on_rate = {"rate"}
    after: list[Assigned] = []
    learn: list[Assigned] = []
    for target, node in steps:
        if target in depends_on_rate or any(count(node, n) for n in depends_on_rate):
            depends_on_rate.add(target)
            after.append((target, node))
        else:
            learn.append((target, node))
    (due,) = {t for t, _ in learn if t not in first and any(count(node, t) for _, node in after)}
    return States(first, _shortened(learn, due), after, due)


def learn_body(states: States) -> list[str]:
    """Return the lines of a method that updates the state with a metric and returns `due`."""
    body = Body()
    states.write_learn(body, _attribute, 8)
    body.line(f"{RETURN}{states.due}", 8)
    return body.lines


def after_body(states: States) -> list[str]:
    """Return the lines of a method that computes a rate from the rate before."""
    body = Body()
    states.write_after(body, _attribute(states.due), RETURN, 8)
    return body.lines


def first_body(states: States) -> list[str]:
    """Return the lines that give each state variable its first value."""
    body = Body()
    states.write_first(body, _attribute, 8)
    return body.lines


def _attribute(state: str) -> str:
    return f"self.{state}"


def _truth(node: ast.expr) -> ast.expr:
    """Return the condition of `1 if condition else 0`, and any other node as it is."""
    match node:
        case ast.IfExp(test, ast.Constant(value=1), ast.Constant(value=0)):
            return test
    return node


def _shortened(assigned: list[Assigned], due: str) -> list[Assigned]:
    """Return the assignments, each that only the next one reads inlined into it."""
    shortened: list[Assigned] = []
    rest = list(assigned)
    while rest:
        target, node = rest.pop(0)
        reads = [count(later, target) for _, later in rest]
        if target != due and reads and reads[0] == sum(reads) == 1:
            rest[0] = (rest[0][0], substitute(rest[0][1], {target: node}))
        else:
            shortened.append((target, node))
    return shortened
