"""The closed form of a recipe as the body of a Python function: numbers filled in, `math` alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from lrspec.frameworks.block import RETURN, Body
from lrspec.frameworks.simplify import (
    STEP,
    count,
    filled,
    is_constant,
    is_step,
    name,
    node_of,
    tree_of,
)
from lrspec.frameworks.spell import spelled
from lrspec.frameworks.usage import WIDTH
from lrspec.truth.formula import Formula
from lrspec.truth.recipe import Recipe

_TIMES = (STEP, "k", "m", "n")
#: Names that outlive a formula: its own parts must not take them.
_TAKEN = frozenset({*_TIMES, "lr", "rate"})
_LONG_LIST = 40
_RESTARTED = """\
def {name}(t: float, first: int, factor: int) -> tuple[int, int, int]:
    \"\"\"Return the cycle that holds step t, its first step, and its length.\"\"\"
    cycle, start, length = 0, 0, first
    while t >= start + length:
        cycle, start, length = cycle + 1, start + length, length * factor
    return cycle, start, length
"""


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
        found = _TIMES[depth] if depth < len(_TIMES) else f"t_{depth}"
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
        lets, closed = self.formulas(recipe, result, base)
        nodes = [*(node for _, node in lets), closed]
        if sum(count(node, STEP) for node in nodes) > 1 and not isinstance(time, ast.Name):
            time = self.time(time, indent, depth)
        there = {STEP: time}
        lets, closed = [(n, filled(node, there)) for n, node in lets], filled(closed, there)
        lets, closed = self.restarts(lets, closed, indent)
        self.body.block(lets, closed, sink, indent)

    def formulas(
        self, recipe: Recipe, result: Formula, base: ast.expr
    ) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
        """Return the parts and the whole of *result*, the recipe's numbers filled in."""
        names = self.names(recipe, base)
        functions = {n: filled(tree_of(f), {}) for n, f in recipe.formulas().items()}
        lets: list[tuple[str, ast.expr]] = []
        steps = {STEP}
        for found, formula in recipe.schedule.lets.items():
            node = self.called(
                filled(tree_of(formula), names, functions, frozenset(steps)), functions
            )
            if is_constant(node) or isinstance(node, ast.Name):
                names[found] = node
                continue
            local = f"{found}_" if found in _TAKEN else found.lower()
            if is_step(node):
                steps.add(local)
            lets.append((local, node))
            names[found] = name(local)
        closed = self.called(filled(tree_of(result), names, functions, frozenset(steps)), functions)
        return _read(lets, closed), closed

    def names(self, recipe: Recipe, base: ast.expr) -> dict[str, ast.expr]:
        """Return what stands for each name that the formulas of *recipe* read."""
        names: dict[str, ast.expr] = {"base_lr": base}
        for found, value in recipe.values(1.0).items():
            parameter = recipe.schedule.parameters.get(found)
            if parameter is not None and parameter.type == "formula":
                continue
            if parameter is not None and parameter.follows_base_lr and found not in recipe.given:
                assert parameter.default_formula is not None  # noqa: S101 - it follows by one
                names[found] = filled(tree_of(parameter.default_formula), names)
            elif isinstance(value, tuple):
                names[found] = self.listed(found, node_of(value))
            else:
                names[found] = node_of(value)
        return names

    def listed(self, found: str, node: ast.expr) -> ast.expr:
        """Return a list as it stands, or the name of a constant that holds a long one."""
        text = spelled(node)
        if len(text) <= _LONG_LIST:
            return node
        lines = [f"{{name}} = {text}"]
        if len(text) + len(found) + len("_99 = ") > WIDTH:
            assert isinstance(node, ast.List)  # noqa: S101 - nothing else is long
            lines = ["{name} = [", *(f"    {spelled(item)}," for item in node.elts), "]"]
        return name(self.body.define(found.upper(), lines))

    def called(self, node: ast.expr, functions: dict[str, ast.expr]) -> ast.expr:
        """Return *node* with Python's own in the place of the functions that it lacks."""
        writer = self

        class Call(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call) -> ast.expr:
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                arguments = [self.visit(argument) for argument in node.args]
                match called, arguments:
                    case "passed", [points, t]:
                        return ast.Call(name("bisect_right"), [points, t], [])
                    case "pick", [values, index]:
                        return ast.Subscript(values, index, ast.Load())
                    case "product", [ast.Name(id=factor), end]:
                        return ast.Call(name(writer.product(functions[factor])), [end], [])
                return ast.Call(node.func, arguments, [])

        return Call().visit(node)  # type: ignore[no-any-return]

    def product(self, factor: ast.expr) -> str:
        """Return the name of a function that keeps the products of *factor*."""
        inner = Body()
        inner.put("factor = ", filled(factor, {STEP: name("k")}), 8)
        number = ["        k = len({NAME})"] if count(factor, STEP) else []
        lines = [
            "{NAME} = [1.0]",
            "",
            "",
            "def {name}(t: int) -> float:",
            '    """Return the product of the factors of steps 1 to t, each worked out once."""',
            "    while len({NAME}) <= t:",
            *number,
            *inner.lines,
            "        {NAME}.append({NAME}[-1] * factor)",
            "    return {NAME}[int(t)]",
        ]
        return self.body.define("running_product", lines)

    def restarts(
        self, lets: Sequence[tuple[str, ast.expr]], closed: ast.expr, indent: int
    ) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
        """Return both, a search for the cycle being written before them where there is one."""
        names: dict[str, ast.expr] = {}
        search: ast.Call | None = None
        for found, node in lets:
            match node:
                case ast.Call(ast.Name(id="restart_index"), arguments):
                    search = ast.Call(name("restarted"), arguments, [])
                    names[found] = name("cycle")
        if search is None:
            return list(lets), closed

        class Search(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call) -> ast.expr:
                self.generic_visit(node)
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                known = {"restart_start": name("start"), "restart_length": name("length")}
                return known.get(called, node)

        rest = [(n, Search().visit(filled(x, names))) for n, x in lets if n not in names]
        closed = Search().visit(filled(closed, names))
        read = [closed, *(node for _, node in rest)]
        targets = [
            target if any(count(node, target) for node in read) else "_"
            for target in ("cycle", "start", "length")
        ]
        self.body.define("restarted", _RESTARTED.splitlines())
        self.body.put(f"{', '.join(targets)} = ", search, indent)
        return rest, closed


def _read(lets: list[tuple[str, ast.expr]], closed: ast.expr) -> list[tuple[str, ast.expr]]:
    """Return those of *lets* that *closed* reads, and what they read."""
    read, nodes = [], [closed]
    for found, node in reversed(lets):
        if any(count(other, found) for other in nodes):
            read.append((found, node))
            nodes.append(node)
    return read[::-1]


def _that_count(members: Sequence[Recipe]) -> Sequence[Recipe]:
    """Return *members* from the last one on that does not look at what those before it made."""
    for index in reversed(range(len(members))):
        lines = rate_body(members[index], name("rate")).lines
        if not any(re.search(r"\brate\b", line) for line in lines):
            return members[index:]
    return members
