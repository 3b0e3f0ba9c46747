"""The factors of a user's own `get_lr`, as `worker/own_rates.py` describes it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from lrspec.errors import BadInput
from lrspec.importers.python_function.formula import formula_in, has_values
from lrspec.importers.python_function.partial_evaluation import Unreadable
from lrspec.spec.formula.nodes import name


def factors_of(described: Mapping[str, Any], place: str, owner: str) -> list[str]:
    """Return the rate of each parameter group as a formula of t, a fraction of its base rate.

    It is the same formula for all groups where the rate is a multiple of the base rate. Raises
    `BadInput` that names the class *owner* where the source is no formula, or has other values.
    """
    try:
        one = formula_in(*_definition(described, 1.0, 0))
        groups = list(zip(described["bases"], described["values"], strict=True))
        if all(has_values(one, _divided(values, base)) for base, values in groups):
            return [_without_base(one)] * len(groups)
        own = [
            f"({formula_in(*_definition(described, base, index))}) / {base!r}"
            for index, (base, _) in enumerate(groups)
        ]
    except Unreadable as error:
        expected = f"a formula of {described['step']} and the base rates: {error}"
        raise BadInput(place, f"{owner}, whose get_lr is its own", expected) from error
    for formula, (base, values) in zip(own, groups, strict=True):
        if not has_values(formula, _divided(values, base)):
            expected = f"one whose values are those of its source, {own[0]}, at every step"
            raise BadInput(place, f"{owner}, whose get_lr is its own", expected)
    return own


def _without_base(formula: str) -> str:
    """Return *formula* without the factor 1.0 that stands for the base rate."""
    return ast.unparse(_WithoutOne().visit(ast.parse(formula, mode="eval").body))


class _WithoutOne(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.Constant(1.0), ast.Mult(), other):
                return other
            case ast.BinOp(other, ast.Mult(), ast.Constant(1.0)):
                return other
        return node


def _divided(values: Sequence[Any], base: float) -> list[tuple[int, float | None]]:
    return [(t, None if value is None else value / base) for t, value in values]


def _definition(
    described: Mapping[str, Any], base: float, group: int
) -> tuple[ast.FunctionDef, dict[str, Any]]:
    """Return the function of one *group* with the rate *base*, and the values of its names."""
    rule = described["rule"]
    if not rule["texts"]:
        raise Unreadable("its source is not available")
    (node,) = ast.parse(rule["texts"][0]).body
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        raise Unreadable("its source is no plain def")
    names = {**rule["names"], **rule["bound"]}
    own, *arguments = [argument.arg for argument in node.args.args]
    count = len(described["bases"])
    known = dict(names.get(own, {}).get("attributes", {}))
    known |= {described["step"]: name("t"), "base_lr": base}
    known["base_lrs"] = {"items": {str(index): base for index in range(count)}}
    names[own] = {"attributes": known}
    if len(arguments) == 2:  # the base rate and the step
        names |= dict(zip(arguments, (base, name("t")), strict=True))
    elif arguments:
        raise Unreadable(f"it takes {', '.join(arguments)}")
    return _OfGroup(own, group, base).visit(node), names


class _OfGroup(ast.NodeTransformer):
    """Replaces a list with one rate per parameter group by the rate of one of them."""

    def __init__(self, own: str, group: int, base: float) -> None:
        self.own, self.group, self.base = own, group, base

    def visit_Return(self, node: ast.Return) -> ast.Return:
        if node.value is None:
            return node
        return ast.copy_location(ast.Return(self._rate(node.value)), node)

    def _rate(self, value: ast.expr) -> ast.expr:
        match value:
            case ast.ListComp(rate, [ast.comprehension(ast.Name(each), source, [])]):
                return _Base(each, self._key(source), self.base).visit(rate)  # type: ignore[no-any-return]
            case ast.BinOp(ast.List([rate]), ast.Mult(), _):
                return rate
            case ast.List(rates) if self.group < len(rates):
                return rates[self.group]
            case ast.IfExp(test, body, orelse):
                return ast.IfExp(test, self._rate(body), self._rate(orelse))
        return value

    def _key(self, source: ast.expr) -> str:
        """Return the key of the base rate in the items of *source*, "" if they are base rates."""
        text = ast.unparse(source)
        if text == f"{self.own}.base_lrs":
            return ""
        if text == f"{self.own}.optimizer.param_groups":
            return "initial_lr"
        raise Unreadable(f"it returns a list over {text}")


class _Base(ast.NodeTransformer):
    """Replaces the base rate of a group: the variable *each*, or its item *key*."""

    def __init__(self, each: str, key: str, base: float) -> None:
        self.each, self.key, self.base = each, key, base

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self.base) if node.id == self.each and not self.key else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        match node:
            case ast.Subscript(ast.Name(each), ast.Constant(key)) if each == self.each and self.key:
                if key == self.key:
                    return ast.Constant(self.base)
                raise Unreadable(f"it reads {ast.unparse(node)}, the rate of the step before")
        self.generic_visit(node)
        return node
