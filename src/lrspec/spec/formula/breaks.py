"""The steps at which a formula in t changes its rule, found from its tree.

A comparison, or an argument of `min` or `max`, changes where one side passes the other; a remainder
and a floor where they begin again; a sine or cosine of a line where it turns.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, combinations

import numpy as np

from lrspec.spec.formula.compiler import compile_formulas, value
from lrspec.spec.formula.folding import substitute
from lrspec.spec.formula.functions import ARRAY, CONSTANTS
from lrspec.spec.formula.grammar import Formula
from lrspec.spec.formula.monotone import bounds, direction, line
from lrspec.spec.formula.nodes import called, count, name, same, value_of

_LAST = 2**53  # the last step that is looked at
_LARGEST = 10**6  # of the numbers that are taken for steps where nothing better is known
_CYCLES = 4  # of an endless cycle that show what it does
_ROUNDING = 1e-9

#: Whether a difference is at least 0, or above it: what a comparison depends on.
_Sign = Callable[[float], bool]


@dataclass(frozen=True)
class Breaks:
    """The breaks of a formula: single `steps`, and `cycles` of a first step and a period.

    They are all of them if `complete`. From step `end` on the formula has no value, such as a
    fraction's power of a negative number; None if it has one at every step.
    """

    steps: tuple[int, ...]
    cycles: tuple[tuple[float, float], ...]
    complete: bool
    end: int | None = None

    def until(self, horizon: int) -> list[int]:
        """Return the breaks from step 1 to step *horizon*, in increasing order."""
        cyclic = chain.from_iterable(_multiples(*cycle, horizon) for cycle in self.cycles)
        return sorted(step for step in {*self.steps, *cyclic} if 0 < step <= horizon)

    @property
    def span(self) -> int:
        """The last single break, or a few cycles if they are longer; 0 if there is no break."""
        ends = (math.ceil(first + _CYCLES * period) for first, period in self.cycles)
        return max([0, *self.steps, *ends])


def _multiples(first: float, period: float, horizon: int) -> Iterator[int]:
    for index in range(int(max(horizon - first, 0) / period) + 1):
        step = first + index * period
        yield math.ceil(step - _ROUNDING * max(step, 1))


@lru_cache(maxsize=4096)
def breaks(formula: Formula) -> Breaks:
    """Return the breaks of *formula*, which reads no name but t."""
    constants = {symbol: ast.Constant(number) for symbol, number in CONSTANTS.items()}
    found = _Found()
    for node in ast.walk(substitute(formula.tree, constants)):
        found.add(node)
        found.add_end(node)
    end = min((step for step in found.ends if _is_undefined(formula, step)), default=None)
    steps = found.steps if end is None else {*found.steps, end}
    return Breaks(tuple(sorted(steps)), tuple(sorted(found.cycles)), found.complete, end)


def _is_undefined(formula: Formula, step: int) -> bool:
    with np.errstate(all="ignore"):
        rate = compile_formulas(("t",), (), formula, ARRAY)(np.array([float(step)]))
    return bool(np.isnan(rate).any())


@dataclass
class _Found:
    """The breaks that were found so far."""

    steps: set[int] = field(default_factory=set)
    cycles: set[tuple[float, float]] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    complete: bool = True

    def add(self, node: ast.AST) -> None:
        """Add the breaks that *node* itself causes."""
        match node:
            case ast.Compare(left, [op], [right]):
                self._crossing(left, right, *_SIGNS[type(op)])
            case ast.IfExp(test=(ast.Name() | ast.BinOp() | ast.Call()) as test):
                self._crossing(test, ast.Constant(0), _reached, _passed)
            case ast.Call(args=arguments) if called(node) in ("min", "max"):
                for pair in combinations(arguments, 2):
                    self._crossing(*pair)
            case ast.Call(args=[argument]) if called(node) == "abs":
                self._crossing(argument, ast.Constant(0))
            case ast.Call(args=[argument]) if called(node) in ("floor", "ceil"):
                self._jumps(argument, 1)
            case ast.BinOp(left, ast.FloorDiv() | ast.Mod(), right):
                self._jumps(left, value_of(right))
            case ast.Call(args=[argument]) if called(node) in ("sin", "cos") and line(argument):
                offset = 0.0 if called(node) == "cos" else math.pi / 2
                self._jumps(ast.BinOp(argument, ast.Add(), ast.Constant(offset)), math.pi)

    def add_end(self, node: ast.AST) -> None:
        """Add the step at which *node* has no value any more, its operand being negative."""
        match node:
            case ast.BinOp(operand, ast.Pow(), exponent):
                known = value_of(exponent)
                if known is None or known == int(known):
                    return
            case ast.Call(args=[operand]) if called(node) in ("sqrt", "log"):
                pass
            case _:
                return
        if direction(operand) == -1 and bounds(operand)[0] < 0:
            self.ends.update(_change(operand, _reached, _LAST))

    def _jumps(self, node: ast.expr, unit: float | None) -> None:
        """Add the steps at which *node*, a line, reaches a multiple of *unit*."""
        found = line(node)
        if found is None or not unit:
            self.complete = self.complete and not count(node, "t")
        elif found[0]:
            slope, start = found
            period = abs(unit / slope)
            if period >= 1:  # else it is not seen at whole steps
                self.cycles.add((-start / slope % period, period))

    def _crossing(self, left: ast.expr, right: ast.expr, *signs: _Sign) -> None:
        """Add the steps at which one of *signs* of *left* - *right* changes.

        Without *signs* it is where one side passes the other, whether they are equal there or not.
        """
        difference = ast.BinOp(left, ast.Sub(), right)
        low, high = bounds(difference)
        every = signs or (_reached, _passed)
        if (not signs and (low >= 0 or high <= 0)) or all(one(low) == one(high) for one in every):
            return
        found = [_changes(difference, sign) for sign in every]
        known = [change for changes in found if changes is not None for change in changes]
        if None in found:
            self.complete = False
            self.steps.update(_whole_numbers(difference))
        for first, period in known if signs else sorted(known)[:1]:
            if period:
                self.cycles.add((first, period))
            else:
                self.steps.add(math.ceil(first))


def _reached(difference: float) -> bool:
    return difference >= 0


def _passed(difference: float) -> bool:
    return difference > 0


_SIGNS: dict[type[ast.cmpop], tuple[_Sign, ...]] = {
    ast.Lt: (_reached,),
    ast.GtE: (_reached,),
    ast.LtE: (_passed,),
    ast.Gt: (_passed,),
    ast.Eq: (_reached, _passed),
    ast.NotEq: (_reached, _passed),
}


def _changes(difference: ast.expr, sign: _Sign) -> list[tuple[float, float]] | None:
    """Return where *sign* of *difference* changes, each with its period, 0 if it does so once.

    None if that cannot be found: *difference* rises and falls by more than one remainder.
    """
    if direction(difference) is not None:
        return [(step, 0.0) for step in _change(difference, sign, _LAST)]
    remainders = [n for n in ast.walk(difference) if isinstance(n, ast.BinOp) and _cyclic(n)]
    if not remainders or not all(same(one, remainders[0]) for one in remainders):
        return None
    found, size = line(remainders[0].left), value_of(remainders[0].right)
    inner = _Within(remainders[0]).visit(copy.deepcopy(difference))
    moves = count(difference, "t") > len(remainders) * count(remainders[0], "t")
    if found is None or found[0] <= 0 or moves or direction(inner) is None:
        return None
    slope, start = found
    period = size / slope
    return [((here - start) / slope % period, period) for here in _change(inner, sign, size)]


def _cyclic(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.Mod) and (value_of(node.right) or 0) > 0


class _Within(ast.NodeTransformer):
    """Replaces a remainder by t, the place within its cycle."""

    def __init__(self, remainder: ast.expr) -> None:
        self.remainder = remainder

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if same(node, self.remainder):
            return name("t")
        self.generic_visit(node)
        return node


def _change(difference: ast.expr, sign: _Sign, last: float) -> list[int]:
    """Return the step up to *last* at which *sign* of *difference*, which goes one way, changes."""
    formula = Formula("", difference, frozenset({"t"}))

    def changed(t: int) -> bool:
        return sign(value(formula, {"t": t})) != sign(value(formula, {"t": 0}))

    low, high = 0, math.ceil(last)
    if not changed(high):
        return []
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if changed(middle) else (middle, high)
    return [high]


def _whole_numbers(node: ast.expr) -> set[int]:
    """Return the numbers in *node* that may be steps."""
    found = {value_of(part) for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return {int(n) for n in found if n == int(n) and 2 <= n <= _LARGEST}
