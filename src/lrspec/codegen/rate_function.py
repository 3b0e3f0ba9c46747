"""The closed form of a recipe as the body of a Python function that needs only `math`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrspec.codegen.closed_form import TIMES, formulas, restarts
from lrspec.codegen.statements import RETURN, Body, substituted
from lrspec.engine.timeline import Part, timeline
from lrspec.spec.formula.folding import STEP
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import count, name
from lrspec.spec.recipe import Recipe


def rate_body(recipe: Recipe, base: ast.expr) -> Body:
    """Return the body of a function of t: the rate of step t for the base rate *base*."""
    body = Body()
    _write(recipe, _Slot(body, base, name(STEP)))
    return body


def momentum_body(recipe: Recipe) -> Body:
    """Return the body of a function of t: the momentum of step t."""
    body = Body()
    momentum = recipe.schedule.momentum
    assert momentum is not None  # noqa: S101 - only called for a recipe that moves the momentum
    _write_formula(recipe, momentum.closed, _Slot(body, name("lr"), name(STEP)))
    return body


@dataclass(frozen=True)
class _Slot:
    """Where a recipe is written: its base rate, its own step, and the text before its rate.

    `depth` is the number of compositions around it, each of which may name a step of its own.
    """

    body: Body
    base: ast.expr
    time: ast.expr
    sink: str = RETURN
    indent: int = 4
    depth: int = 0

    def named(self) -> _Slot:
        """Return the slot with a name for its step, which is assigned if it has none."""
        if isinstance(self.time, ast.Name):
            return self
        step = TIMES[self.depth] if self.depth < len(TIMES) else f"t_{self.depth}"
        self.body.put(f"{step} = ", self.time, self.indent)
        return replace(self, time=name(step))


def _write(recipe: Recipe, slot: _Slot) -> None:
    """Write *recipe* into *slot*."""
    line = timeline(recipe)
    if line.kind == "leaf":
        _write_formula(recipe, recipe.schedule.closed, slot)
    elif line.kind == "chain":
        *earlier, last = _effective(recipe.members())
        for member in earlier:
            _write(member, replace(slot, sink="rate = "))
            slot = replace(slot, base=name("rate"))
        _write(last, slot)
    else:
        parts = (part for part in line.parts if part.stop is None or part.stop > part.start)
        for number, part in enumerate(parts):
            stop = ast.Constant(part.stop)
            test = None if part.stop is None else ast.Compare(slot.time, [ast.Lt()], [stop])
            indent = slot.body.case(test, number, slot.sink, slot.indent)
            time = _local(part, slot.time)
            _write_part(recipe, part, replace(slot, time=time, indent=indent, depth=slot.depth + 1))


def _write_part(recipe: Recipe, part: Part, slot: _Slot) -> None:
    """Write one part of *recipe*, *slot* being at the part's own step."""
    if part.own:
        _write_formula(recipe, recipe.schedule.closed, slot)
    elif part.member is None:
        slot.body.put(slot.sink, slot.base, slot.indent)
    elif timeline(part.member).kind == "leaf":
        _write(part.member, slot)
    else:  # a composition reads its step more than once
        _write(part.member, slot.named())


def _write_formula(recipe: Recipe, result: Formula | None, slot: _Slot) -> None:
    """Write the formula *result* of *recipe*, and the definitions that it needs."""
    assert result is not None  # noqa: S101 - a state machine is written elsewhere
    lets = formulas(slot.body, recipe, result, slot.base)
    if sum(count(node, STEP) for _, node in lets) > 1:
        slot = slot.named()
    lets = restarts(slot.body, substituted(lets, {STEP: slot.time}), slot.indent)
    slot.body.block(lets, slot.sink, slot.indent)


def _local(part: Part, time: ast.expr) -> ast.expr:
    """Return the part's own step as an expression, as `Part.local` does for numbers."""
    if part.offset:
        time = ast.BinOp(time, ast.Sub(), ast.Constant(part.offset))
    if part.stride > 1:
        time = ast.BinOp(time, ast.FloorDiv(), ast.Constant(part.stride))
    return time


def _effective(members: Sequence[Recipe]) -> Sequence[Recipe]:
    """Return the members of a chain from the last one on that ignores the rate before it."""
    for index in reversed(range(len(members))):
        if not rate_body(members[index], name("rate")).reads("rate"):
            return members[index:]
    return members
