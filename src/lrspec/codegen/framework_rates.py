"""The rates that a framework uses, as the statements of a Python function.

They are those of a recipe's dialect: a closed form where the rate depends on the step alone, else
the statements that make one step from the one before.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from lrspec.codegen.closed_form import listed
from lrspec.codegen.statements import RETURN, Body
from lrspec.dialect import rates
from lrspec.dialect.recurrence import (
    Branch,
    Failure,
    Leaf,
    Node,
    Recurrence,
    of_variable,
    recurrence,
)
from lrspec.dialect.traced_model import MOMENTUM, RATE
from lrspec.engine.landmarks import landmarks
from lrspec.engine.timeline import timeline
from lrspec.errors import Unsupported
from lrspec.scenario.builders import horizons
from lrspec.spec.formula.folding import STEP, substitute
from lrspec.spec.formula.nodes import constant, name, same
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

_BESIDE = range(-3, 4)


def recurrences(recipe: Recipe) -> dict[float, Recurrence]:
    """Return what the framework of *recipe* computes for each of its base rates.

    Raises `Unsupported` where that has no expression.
    """
    if recipe.schedule.machine is not None:
        raise Unsupported("the rates of a framework after a metric have no expression")
    if recipe.group_counts:
        raise Unsupported("each parameter group has parameters of its own")
    return {base: _recurrence(recipe.with_base(base)) for base in dict.fromkeys(recipe.bases)}


def is_closed(recipe: Recipe) -> bool:
    """Return whether the rates of *recipe* depend on the step alone: always without a dialect."""
    if recipe.dialect is None:
        return True
    groups = recipe.groups() if recipe.group_counts else (recipe,)
    return all(one.closed for group in groups for one in recurrences(group).values())


def closed_body(recipe: Recipe, base: ast.expr, variable: str = RATE) -> Body:
    """Return the body of a function of t: the rate of step t for the base rate *base*.

    With the *variable* `MOMENTUM` it returns the momentum.
    """
    found = recurrences(recipe)
    if isinstance(base, ast.Constant):
        found = {lr: one for lr, one in found.items() if lr == base.value}
    body = Body()
    for number, (lr, whole) in enumerate(found.items()):
        one = replace(
            whole, first={variable: whole.first[variable]}, node=of_variable(whole.node, variable)
        )
        test = ast.Compare(base, [ast.Eq()], [constant(lr)])
        last = number == len(found) - 1
        slot = _Slot(
            body, RETURN, body.case(None if last else test, number, RETURN, 4), {}, variable
        )
        if not _begins(one):
            _write_first(slot, one)
        _write(slot, one.node)
    return body


def state(recipe: Recipe, prefix: str) -> tuple[Recurrence, Mapping[str, ast.expr]]:
    """Return the recurrence of *recipe*, and its state beside the rate by names with *prefix*."""
    found = recurrences(recipe)
    one = next(iter(found.values()))
    if MOMENTUM in one.first:
        raise Unsupported("it sets the momentum, and the rate from the rate before")
    others = {variable: name(f"{prefix}{variable}") for variable in one.first if variable != RATE}
    if others and len(found) > 1:
        raise Unsupported("a state beside the rate of each of several groups")
    return one, others


def step_body(recipe: Recipe) -> Body:
    """Return the body of a method: the rate of step t from that of the step before, `rate`.

    For several base rates that of the group is `lr`. The state beside the rate is in attributes.
    """
    _, others = state(recipe, "self.")
    found, body = recurrences(recipe), Body()
    for number, (lr, one) in enumerate(found.items()):
        test = ast.Compare(name("lr"), [ast.Eq()], [constant(lr)])
        last = number == len(found) - 1
        slot = _Slot(body, RETURN, body.case(None if last else test, number, RETURN, 8), others)
        _write_first(slot, one)
        _write(slot, one.node)
    return body


def loop_body(recipe: Recipe) -> Body:
    """Return statements that make `rate` that of step t ≥ 1, in the body of a loop over t."""
    one, others = state(recipe, "")
    body = Body()
    _write(_Slot(body, "rate = ", 8, others), one.node)
    return body


def _recurrence(recipe: Recipe) -> Recurrence:
    line = timeline(recipe)
    if line.kind == "epochs":
        return _in_epochs(recipe)
    assert recipe.dialect is not None  # noqa: S101 - asked of a recipe with a dialect alone
    backend, tree = rates.origin_of(recipe)
    steps = horizons(recipe)[1]
    near = [mark + off for mark in landmarks(recipe, steps) for off in _BESIDE]
    found = recurrence(backend, tree, recipe.bases, steps, near=near)
    return _held(found) if recipe.dialect.hold_at_errors else found


def _in_epochs(recipe: Recipe) -> Recurrence:
    """Return the recurrence of a scheduler that is stepped once per epoch, for each update."""
    ((part, member),) = timeline(recipe).members
    inner = replace(member, base_lr=recipe.base_lr, single=recipe.single, dialect=recipe.dialect)
    found, length = _recurrence(inner), ast.Constant(part.stride)
    if found.closed:
        early = ast.Compare(name(STEP), [ast.Lt()], [length])
        kept = Leaf({variable: constant(value) for variable, value in found.first.items()})
    else:
        within = ast.BinOp(name(STEP), ast.Mod(), length)
        early = ast.Compare(within, [ast.NotEq()], [ast.Constant(0)])
        kept = Leaf({variable: name(variable) for variable in found.first})
    epoch = {STEP: ast.BinOp(name(STEP), ast.FloorDiv(), length)}
    return replace(found, node=Branch(early, kept, _mapped(found.node, epoch)))


def _held(found: Recurrence) -> Recurrence:
    """Return *found* with the last rate in place of a failure."""
    match found.node:
        case Branch(test, Failure(), other):
            last = Leaf({variable: constant(number) for variable, number in found.last.items()})
            return replace(found, node=Branch(test, last, other))
    return found


def _mapped(node: Node, names: Mapping[str, ast.expr]) -> Node:
    """Return *node* with expressions for names."""
    match node:
        case Branch(test, then, other):
            return Branch(substitute(test, names), _mapped(then, names), _mapped(other, names))
        case Leaf(values):
            return Leaf({variable: substitute(tree, names) for variable, tree in values.items()})
    return node


@dataclass(frozen=True)
class _Slot:
    """Where a step is written: the text before its rate, and the names of the rest of its state."""

    body: Body
    sink: str
    indent: int
    state: Mapping[str, ast.expr] = field(default_factory=dict)
    variable: str = RATE

    def filled(self, tree: ast.expr) -> ast.expr:
        """Return *tree* with the names of the state, and a name for each long list."""
        body = self.body

        class Name(ast.NodeTransformer):
            def visit_List(self, node: ast.List) -> ast.expr:
                return listed(body, "steps", ast.literal_eval(node))

        return Name().visit(substitute(tree, self.state))  # type: ignore[no-any-return]


def _write_first(slot: _Slot, one: Recurrence) -> None:
    """Write the rate of step 0."""
    slot.body.line("if t == 0:", slot.indent)
    slot.body.put(slot.sink, constant(one.first[slot.variable]), slot.indent + 4)


def _begins(one: Recurrence) -> bool:
    """Return whether what *one* computes for step 0 is its first rate."""
    with suppress(ArithmeticError, ValueError):
        state = one.step(0, one.first)
        return state is not None and state == one.first
    return False


def _write(slot: _Slot, node: Node) -> None:
    number = 0
    while isinstance(node, Branch):
        inner = slot.body.case(slot.filled(node.test), number, slot.sink, slot.indent)
        _write(replace(slot, indent=inner), node.then)
        node, number = node.other, number + 1
    if number:
        slot = replace(slot, indent=slot.body.case(None, number, slot.sink, slot.indent))
    if isinstance(node, Failure):
        text = re.sub(r"\\(.)", r"\1", re.sub(r"\\d\+|\.\*", "…", node.message))
        slot.body.line(f"raise {node.type}({json.dumps(text, ensure_ascii=False)})", slot.indent)
    else:
        _write_leaf(slot, node.values)


def _write_leaf(slot: _Slot, values: Mapping[str, ast.expr]) -> None:
    """Write the assignments of a step's state, all from the state before, and give its rate."""
    body, indent = slot.body, slot.indent
    trees = {variable: slot.filled(tree) for variable, tree in values.items()}
    rate = trees.pop(slot.variable)
    changed = {v: tree for v, tree in trees.items() if not same(tree, slot.state[v])}
    if changed:
        body.put("following = ", rate, indent)
        rate = name("following")
    if len(changed) > 1:
        for variable, tree in changed.items():
            body.put(f"new_{variable} = ", tree, indent)
        changed = {variable: name(f"new_{variable}") for variable in changed}
    for variable, tree in changed.items():
        body.put(f"{unparse(slot.state[variable])} = ", tree, indent)
    if slot.sink.startswith(f"{unparse(rate)} ="):
        body.line("pass", indent)
    else:
        body.put(slot.sink, rate, indent)
