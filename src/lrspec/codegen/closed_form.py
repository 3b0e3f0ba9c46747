"""The closed form of one schedule in plain Python, with a recipe's numbers filled in."""

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

#: The name of the step in a function of it, and of the members' steps at each depth of nesting.
TIMES = (STEP, "k", "m", "n")
#: Names that other formulas read too: the parts of a formula must not reuse them.
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
    """Return the parts of *result* and *result* itself, with the recipe's numbers filled in.

    Definitions that they need outside the function are added to *body*.
    """
    names = _names(body, recipe, base)
    functions = {n: substitute(f.tree, {}) for n, f in recipe.formulas().items()}
    lets: list[tuple[str, ast.expr]] = []
    steps = {STEP}
    for part, formula in recipe.schedule.lets.items():
        node = _called(
            body, substitute(formula.tree, names, functions, frozenset(steps)), functions
        )
        if is_constant(node) or isinstance(node, ast.Name):
            names[part] = node
            continue
        local = f"{part}_" if part in _TAKEN else part.lower()
        if is_step(node):
            steps.add(local)
        lets.append((local, node))
        names[part] = name(local)
    closed = _called(body, substitute(result.tree, names, functions, frozenset(steps)), functions)
    return _read(lets, closed), closed


def restarts(
    body: Body, lets: Sequence[tuple[str, ast.expr]], closed: ast.expr, indent: int
) -> tuple[list[tuple[str, ast.expr]], ast.expr]:
    """Return both, after writing a search for the restart cycle to *body* if they need one."""
    names: dict[str, ast.expr] = {}
    search: ast.Call | None = None
    for part, node in lets:
        match node:
            case ast.Call(ast.Name(id="restart_index"), arguments):
                search = ast.Call(name("restarted"), arguments, [])
                names[part] = name("cycle")
    if search is None:
        return list(lets), closed

    class Search(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            results = {"restart_start": name("start"), "restart_length": name("length")}
            return results.get(called, node)

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
    """Return the expression for each name that the formulas of *recipe* read."""
    names: dict[str, ast.expr] = {"base_lr": base}
    for parameter_name, value in recipe.values(1.0).items():
        parameter = recipe.schedule.parameters.get(parameter_name)
        if parameter is not None and parameter.type == "formula":
            continue
        given = parameter_name in recipe.given
        if parameter is not None and parameter.follows_base_lr and not given:
            assert parameter.default_formula is not None  # noqa: S101 - it follows by one
            names[parameter_name] = substitute(parameter.default_formula.tree, names)
        elif isinstance(value, tuple):
            names[parameter_name] = _listed(body, parameter_name, constant(value))
        else:
            names[parameter_name] = constant(value)
    return names


def _listed(body: Body, parameter: str, node: ast.expr) -> ast.expr:
    """Return a list as it is, or for a long one the name of a constant that holds it."""
    text = unparse(node)
    if len(text) <= _LONG_LIST:
        return node
    lines = [f"{{name}} = {text}"]
    if len(text) + len(parameter) + len("_99 = ") > WIDTH:
        assert isinstance(node, ast.List)  # noqa: S101 - nothing else is long
        lines = ["{name} = [", *(f"    {unparse(item)}," for item in node.elts), "]"]
    return name(body.define(parameter.upper(), lines))


def _called(body: Body, node: ast.expr, functions: dict[str, ast.expr]) -> ast.expr:
    """Return *node* with functions that Python lacks replaced by Python code."""

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
    """Return the name of a function that caches the products of *factor*."""
    inner = Body()
    inner.put("factor = ", substitute(factor, {STEP: name("k")}), 8)
    number = ["        k = len({NAME})"] if count(factor, STEP) else []
    lines = [
        "{NAME} = [1.0]",
        "",
        "",
        "def {name}(t: int) -> float:",
        '    """Return the product of the factors of steps 1 to t, each computed once."""',
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
    for part, node in reversed(lets):
        if any(count(other, part) for other in nodes):
            read.append((part, node))
            nodes.append(node)
    return read[::-1]
