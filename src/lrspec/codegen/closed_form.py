"""The closed form of one schedule in plain Python, with a recipe's numbers filled in."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.codegen.comments import WIDTH
from lrspec.codegen.statements import Body, Let, needed, substituted
from lrspec.spec.formula.folding import STEP, is_step, substitute
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.nodes import call, called, constant, count, name
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


def formulas(body: Body, recipe: Recipe, result: Formula, base: ast.expr) -> list[Let]:
    """Return *result* and the parts that it reads, with the recipe's numbers filled in.

    Definitions that they need outside the function are added to *body*.
    """
    names = _names(body, recipe, base)
    functions = {n: substitute(f.tree, {}) for n, f in recipe.formulas().items()}
    lets: list[Let] = []
    steps = {STEP}

    def filled(formula: Formula) -> ast.expr:
        node = substitute(formula.tree, names, functions, frozenset(steps))
        return _in_python(body, node, functions)

    for part, formula in recipe.schedule.lets.items():
        node = filled(formula)
        if isinstance(node, (ast.Constant, ast.Name)):
            names[part] = node
            continue
        local = f"{part}_" if part in _TAKEN else part.lower()
        if is_step(node):
            steps.add(local)
        lets.append((local, node))
        names[part] = name(local)
    closed = filled(result)
    return [*needed(lets, closed), ("", closed)]


def restarts(body: Body, lets: list[Let], indent: int) -> list[Let]:
    """Return *lets*, after writing a search for the restart cycle to *body* if they need one."""
    searches = {
        part: node.args
        for part, node in lets[:-1]
        if isinstance(node, ast.Call) and called(node) == "restart_index"
    }
    if not searches:
        return lets
    names = dict.fromkeys(searches, name("cycle"))
    functions = {"restart_start": name("start"), "restart_length": name("length")}
    rest = substituted([let for let in lets if let[0] not in searches], names, functions)
    targets = [
        target if any(count(node, target) for _, node in rest) else "_"
        for target in ("cycle", "start", "length")
    ]
    body.define("restarted", _RESTARTED.splitlines())
    arguments = list(searches.values())[-1]
    body.put(f"{', '.join(targets)} = ", call("restarted", *arguments), indent)
    return rest


def _names(body: Body, recipe: Recipe, base: ast.expr) -> dict[str, ast.expr]:
    """Return the expression for each name that the formulas of *recipe* read."""
    names: dict[str, ast.expr] = {"base_lr": base}
    for parameter_name, value in recipe.values(1.0).items():
        parameter = recipe.schedule.parameters.get(parameter_name)
        default = parameter.default_formula if parameter and parameter.follows_base_lr else None
        if default is not None and parameter_name not in recipe.given:
            names[parameter_name] = substitute(default.tree, names)
        elif isinstance(value, tuple):
            names[parameter_name] = listed(body, parameter_name, value)
        else:
            names[parameter_name] = constant(value)
    return names


def listed(body: Body, parameter: str, values: Sequence[Any]) -> ast.expr:
    """Return *values* as a list, or for a long one the name of a constant that holds it."""
    node = constant(values)
    text = unparse(node)
    if len(text) <= _LONG_LIST:
        return node
    lines = [f"{{name}} = {text}"]
    if len(text) + len(parameter) + len("_99 = ") > WIDTH:
        lines = ["{name} = [", *(f"    {unparse(constant(value))}," for value in values), "]"]
    return name(body.define(parameter.upper(), lines))


def _in_python(body: Body, node: ast.expr, functions: Mapping[str, ast.expr]) -> ast.expr:
    """Return *node* with functions that Python lacks replaced by Python code."""

    class Replace(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            arguments = [self.visit(argument) for argument in node.args]
            match called(node), arguments:
                case "passed", [points, t]:
                    return call("bisect_right", points, t)
                case "pick", [values, index]:
                    return ast.Subscript(values, index, ast.Load())
                case "product", [ast.Name(id=factor), end]:
                    return call(_product(body, functions[factor]), end)
            return ast.Call(node.func, arguments, [])

    return Replace().visit(node)  # type: ignore[no-any-return]


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
