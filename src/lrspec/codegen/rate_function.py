"""The closed form of a recipe as the body of a Python function that needs only `math`."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrspec.codegen.closed_form import TIMES, formulas, restarts
from lrspec.codegen.statements import RETURN, Body
from lrspec.engine.timeline import Part, timeline
from lrspec.spec.formula.folding import STEP, substitute
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import count, name
from lrspec.spec.recipe import Recipe


def rate_body(recipe: Recipe, base: ast.expr) -> Body:
    """Return the body of a function of t: the rate of step t for the base rate *base*."""
    body = Body()
    _Writer(body).recipe(recipe, _Slot(base, name(STEP)))
    return body


def momentum_body(recipe: Recipe) -> Body:
    """Return the body of a function of t: the momentum of step t."""
    body = Body()
    momentum = recipe.schedule.momentum
    assert momentum is not None  # noqa: S101 - only called for a recipe that moves the momentum
    _Writer(body).leaf(recipe, momentum.closed, _Slot(name("lr"), name(STEP)))
    return body


@dataclass(frozen=True)
class _Slot:
    """Where a recipe is written: its base rate, its own step, and the text before its rate.

    `depth` is the number of compositions around it, each of which may name a step of its own.
    """

    base: ast.expr
    time: ast.expr
    sink: str = RETURN
    indent: int = 4
    depth: int = 0


class _Writer:
    """Writes one function; a composition writes its parts."""

    def __init__(self, body: Body) -> None:
        self.body = body

    def recipe(self, recipe: Recipe, slot: _Slot) -> None:
        """Write *recipe* into *slot*."""
        line = timeline(recipe)
        if line.kind == "leaf":
            self.own(recipe, slot)
        elif line.kind == "chain":
            *earlier, last = _effective(recipe.members())
            for member in earlier:
                self.recipe(member, replace(slot, sink="rate = "))
                slot = replace(slot, base=name("rate"))
            self.recipe(last, slot)
        else:
            parts = (part for part in line.parts if part.stop is None or part.stop > part.start)
            for number, part in enumerate(parts):
                stop = ast.Constant(part.stop)
                test = None if part.stop is None else ast.Compare(slot.time, [ast.Lt()], [stop])
                indent = self.body.case(test, number, slot.sink, slot.indent)
                time = _local(part, slot.time)
                inner = replace(slot, time=time, indent=indent, depth=slot.depth + 1)
                self.part(recipe, part, inner)

    def part(self, recipe: Recipe, part: Part, slot: _Slot) -> None:
        """Write one part of *recipe*, *slot* being at the part's own step."""
        if part.own:
            self.own(recipe, slot)
        elif part.member is None:
            self.body.put(slot.sink, slot.base, slot.indent)
        else:
            if timeline(part.member).kind != "leaf":  # which reads its step more than once
                slot = self.named(slot)
            self.recipe(part.member, slot)

    def own(self, recipe: Recipe, slot: _Slot) -> None:
        """Write the closed form of *recipe* itself."""
        closed = recipe.schedule.closed
        assert closed is not None  # noqa: S101 - a state machine is written elsewhere
        self.leaf(recipe, closed, slot)

    def leaf(self, recipe: Recipe, result: Formula, slot: _Slot) -> None:
        """Write the formula *result* of *recipe*, and the definitions that it needs."""
        lets, closed = formulas(self.body, recipe, result, slot.base)
        nodes = [*(node for _, node in lets), closed]
        if sum(count(node, STEP) for node in nodes) > 1:
            slot = self.named(slot)
        step = {STEP: slot.time}
        lets, closed = [(n, substitute(node, step)) for n, node in lets], substitute(closed, step)
        lets, closed = restarts(self.body, lets, closed, slot.indent)
        self.body.block(lets, closed, slot.sink, slot.indent)

    def named(self, slot: _Slot) -> _Slot:
        """Return *slot* with a name for its step, which is assigned if it has none."""
        if isinstance(slot.time, ast.Name):
            return slot
        step = TIMES[slot.depth] if slot.depth < len(TIMES) else f"t_{slot.depth}"
        self.body.put(f"{step} = ", slot.time, slot.indent)
        return replace(slot, time=name(step))


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
        lines = rate_body(members[index], name("rate")).lines
        if not any(re.search(r"\brate\b", line) for line in lines):
            return members[index:]
    return members
