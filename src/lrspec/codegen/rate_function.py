"""The closed form of a recipe as the body of a Python function: numbers filled in, `math` alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from lrspec.codegen.closed_form import TIMES, formulas, restarts
from lrspec.codegen.statements import RETURN, Body
from lrspec.spec.formula.folding import STEP, substitute
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import count, name
from lrspec.spec.recipe import Recipe


def rate_body(recipe: Recipe, base: ast.expr) -> Body:
    """Return the body of a function of t: the rate of step t for the base rate *base*."""
    body = Body()
    _Writer(body).recipe(recipe, base, name(STEP), RETURN, 4, 0)
    return body


def momentum_body(recipe: Recipe) -> Body:
    """Return the body of a function of t: the momentum of step t."""
    body = Body()
    momentum = recipe.schedule.momentum
    assert momentum is not None  # noqa: S101 - no other recipe is asked
    _Writer(body).leaf(recipe, momentum.closed, name("lr"), name(STEP), RETURN, 4, 0)
    return body


#: Writes what holds from a step on: its time, what becomes of the rate, indent and depth.
Part = Callable[[ast.expr, str, int, int], None]


class _Writer:
    """Writes one function; a composition calls for what its members are."""

    def __init__(self, body: Body) -> None:
        self.body = body

    def recipe(
        self, recipe: Recipe, base: ast.expr, time: ast.expr, sink: str, indent: int, depth: int
    ) -> None:
        """Write *recipe*, *time* being its own step and *base* its base rate."""
        composition = recipe.schedule.composition
        if composition is None:
            closed = recipe.schedule.closed
            assert closed is not None  # noqa: S101 - what has states is no function of t
            self.leaf(recipe, closed, base, time, sink, indent, depth)
        elif composition["operator"] == "pipeline":
            *earlier, last = _that_count(recipe.members())
            for member in earlier:
                self.recipe(member, base, time, "rate = ", indent, depth)
                base = name("rate")
            self.recipe(last, base, time, sink, indent, depth)
        elif composition["operator"] == "held":
            (member,) = recipe.members()
            if recipe.held() > 1:
                time = ast.BinOp(time, ast.FloorDiv(), ast.Constant(recipe.held()))
            time = self.named(member, time, indent, depth + 1)
            self.recipe(member, base, time, sink, indent, depth + 1)
        else:
            self.segments(recipe, base, time, sink, indent, depth)

    def segments(
        self,
        recipe: Recipe,
        base: ast.expr,
        time: ast.expr,
        sink: str,
        indent: int,
        depth: int,
    ) -> None:
        """Write the parts of a composition, each on its own stretch."""
        local = recipe.values(1.0).get("time", "local") == "local"
        ends = [*recipe.starts()[1:], None]
        kept = [
            (start, end, part)
            for (start, part), end in zip(self.parts(recipe, base), ends, strict=True)
            if end is None or end > max(start, 0)
        ]
        for number, (start, end, part) in enumerate(kept):
            test = None if end is None else ast.Compare(time, [ast.Lt()], [ast.Constant(end)])
            inner = self.body.case(test, number, sink, indent)
            own = time
            if local and start:
                own = ast.BinOp(time, ast.Sub(), ast.Constant(start))
            part(own, sink, inner, depth + 1)

    def parts(self, recipe: Recipe, base: ast.expr) -> list[tuple[int, Part]]:
        """Return the first step of each part of a composition in time, and what writes it."""

        def member(found: Recipe) -> Part:
            return lambda time, sink, indent, depth: self.recipe(
                found, base, self.named(found, time, indent, depth), sink, indent, depth
            )

        found = [member(nested) for nested in recipe.members()]
        closed = recipe.schedule.closed
        if closed is not None:

            def own(time: ast.expr, sink: str, indent: int, depth: int) -> None:
                self.leaf(recipe, closed, base, time, sink, indent, depth)

            def held(_time: ast.expr, sink: str, indent: int, _depth: int) -> None:
                self.body.put(sink, base, indent)

            found = [own, *(found or [held])]
        return list(zip(recipe.starts(), found, strict=True))

    def named(self, recipe: Recipe, time: ast.expr, indent: int, depth: int) -> ast.expr:
        """Return *time*, under a name where *recipe* is a composition, which reads it often."""
        if recipe.schedule.composition is None or isinstance(time, ast.Name):
            return time
        return self.time(time, indent, depth)

    def time(self, time: ast.expr, indent: int, depth: int) -> ast.Name:
        """Give *time* a name."""
        found = TIMES[depth] if depth < len(TIMES) else f"t_{depth}"
        self.body.put(f"{found} = ", time, indent)
        return name(found)

    def leaf(
        self,
        recipe: Recipe,
        result: Formula,
        base: ast.expr,
        time: ast.expr,
        sink: str,
        indent: int,
        depth: int,
    ) -> None:
        """Write the formula *result* of *recipe*, with what it is made of."""
        lets, closed = formulas(self.body, recipe, result, base)
        nodes = [*(node for _, node in lets), closed]
        if sum(count(node, STEP) for node in nodes) > 1 and not isinstance(time, ast.Name):
            time = self.time(time, indent, depth)
        there = {STEP: time}
        lets, closed = [(n, substitute(node, there)) for n, node in lets], substitute(closed, there)
        lets, closed = restarts(self.body, lets, closed, indent)
        self.body.block(lets, closed, sink, indent)


def _that_count(members: Sequence[Recipe]) -> Sequence[Recipe]:
    """Return *members* from the last one on that does not look at what those before it made."""
    for index in reversed(range(len(members))):
        lines = rate_body(members[index], name("rate")).lines
        if not any(re.search(r"\brate\b", line) for line in lines):
            return members[index:]
    return members
