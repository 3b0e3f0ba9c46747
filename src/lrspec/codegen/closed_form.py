"""The closed form of one schedule, a recipe's numbers filled in, in Python's own functions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.statements import Body
from lrspec.spec.formula.folding import STEP, is_step, substitute
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import constant, count, is_constant, name
from lrspec.spec.formula.unparse import unparse
from lrspec.spec.recipe import Recipe

#: What the step is called in a function of it, and the steps of its members within each other.
TIMES = (STEP, "k", "m", "n")
#: Names that outlive a formula: its own parts must not take them.
_TAKEN = frozenset({*TIMES, "lr", "rate"})
_LONG_LIST = 40
_RESTARTED = """\
def {name}(t: float, first: int, factor: int) -> tuple[int, int, int]:
    \"\"\"Return the cycle that holds step t, its first step, and its length.\"\"\"
    cycle, start, length = 0, 0, first
    while t >= start + length:
        cycle, start, length = cycle + 1, start + length, length * factor
    return cycle, start, length
"""


def formulas(
    body: Body, recipe: Recipe, result: Formula, base: ast.expr
) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """Return the parts and the whole of *result*, the recipe's numbers filled in.

    *body* gets what they need beside the function.
    """
    names = _names(body, recipe, base)
    functions = {n: substitute(f.tree, {}) for n, f in recipe.formulas().items()}
    lets: list[tuple[str, ast.expr]] = []
    steps = {STEP}
    for found, formula in recipe.schedule.lets.items():
        node = _called(
            body, substitute(formula.tree, names, functions, frozenset(steps)), functions
        )
        if is_constant(node) or isinstance(node, ast.Name):
            names[found] = node
            continue
        local = f"{found}_" if found in _TAKEN else found.lower()
        if is_step(node):
            steps.add(local)
        lets.append((local, node))
        names[found] = name(local)
    closed = _called(body, substitute(result.tree, names, functions, frozenset(steps)), functions)
    return _read(lets, closed), closed


def restarts(
    body: Body, lets: Sequence[tuple[str, ast.expr]], closed: ast.expr, indent: int
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

    rest = [(n, Search().visit(substitute(x, names))) for n, x in lets if n not in names]
    closed = Search().visit(substitute(closed, names))
    read = [closed, *(node for _, node in rest)]
    targets = [
        target if any(count(node, target) for node in read) else "_"
        for target in ("cycle", "start", "length")
    ]
    body.define("restarted", _RESTARTED.splitlines())
    body.put(f"{', '.join(targets)} = ", search, indent)
    return rest, closed


def _names(body: Body, recipe: Recipe, base: ast.expr) -> dict[str, ast.expr]:
    """Return what stands for each name that the formulas of *recipe* read."""
    names: dict[str, ast.expr] = {"base_lr": base}
    for found, value in recipe.values(1.0).items():
        parameter = recipe.schedule.parameters.get(found)
        if parameter is not None and parameter.type == "formula":
            continue
        if parameter is not None and parameter.follows_base_lr and found not in recipe.given:
            assert parameter.default_formula is not None  # noqa: S101 - it follows by one
            names[found] = substitute(parameter.default_formula.tree, names)
        elif isinstance(value, tuple):
            names[found] = _listed(body, found, constant(value))
        else:
            names[found] = constant(value)
    return names


def _listed(body: Body, found: str, node: ast.expr) -> ast.expr:
    """Return a list as it stands, or the name of a constant that holds a long one."""
    text = unparse(node)
    if len(text) <= _LONG_LIST:
        return node
    lines = [f"{{name}} = {text}"]
    if len(text) + len(found) + len("_99 = ") > WIDTH:
        assert isinstance(node, ast.List)  # noqa: S101 - nothing else is long
        lines = ["{name} = [", *(f"    {unparse(item)}," for item in node.elts), "]"]
    return name(body.define(found.upper(), lines))


def _called(body: Body, node: ast.expr, functions: dict[str, ast.expr]) -> ast.expr:
    """Return *node* with Python's own in the place of the functions that it lacks."""

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
                    return ast.Call(name(_product(body, functions[factor])), [end], [])
            return ast.Call(node.func, arguments, [])

    return Call().visit(node)  # type: ignore[no-any-return]


def _product(body: Body, factor: ast.expr) -> str:
    """Return the name of a function that keeps the products of *factor*."""
    inner = Body()
    inner.put("factor = ", substitute(factor, {STEP: name("k")}), 8)
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
    return body.define("running_product", lines)


def _read(lets: list[tuple[str, ast.expr]], closed: ast.expr) -> list[tuple[str, ast.expr]]:
    """Return those of *lets* that *closed* reads, and what they read."""
    read, nodes = [], [closed]
    for found, node in reversed(lets):
        if any(count(other, found) for other in nodes):
            read.append((found, node))
            nodes.append(node)
    return read[::-1]
