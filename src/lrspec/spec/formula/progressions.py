"""The meaning of formulas on evenly spaced steps: a number, a `Progression` or another `Curve`.

A formula is evaluated once for a whole run of steps. What it decides is decided for the first step,
and the run ends where it would be decided otherwise: a piecewise constant curve is a number for
each run. Numbers are exact, as in `decimals`.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np

from lrspec.spec.formula.curves import Applied, Curve, Irregular
from lrspec.spec.formula.decimals import DECIMALS, exact, wide
from lrspec.spec.formula.functions import FUNCTIONS, Table
from lrspec.spec.formula.operators import OPERATORS
from lrspec.spec.formula.restarts import restart_index, restart_start
from lrspec.spec.formula.tables import Points, Progression
from lrspec.spec.formula.waves import Cosine, Exponential, Sine, SquaredSine, Wave


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, Progression) and isinstance(b, Progression):
        return a.with_values(a.start + b.start, a.step + b.step)
    if isinstance(a, Wave) and a.is_like(b):
        return a.affine(a.scale + b.scale, a.offset + b.offset)
    if not isinstance(a, Curve):
        a, b = b, a
    if isinstance(b, Curve):
        return Applied(np.add, a, b)
    if isinstance(a, Progression):
        return a.with_values(a.start + exact(b), a.step)
    if isinstance(a, Wave):
        return a.affine(a.scale, a.offset + exact(b))
    return Applied(np.add, a, b) if b else a


def _subtract(a: Any, b: Any) -> Any:
    if not isinstance(b, Curve):
        return _add(a, -exact(b))
    if isinstance(b, (Progression, Wave)):
        return _add(_multiply(b, -1), a)
    return Applied(np.subtract, a, b)


def _multiply(a: Any, b: Any) -> Any:
    if not isinstance(a, Curve):
        a, b = b, a
    if isinstance(b, Curve):
        return Applied(np.multiply, a, b)
    if not b:
        return 0
    factor = exact(b)
    if isinstance(a, Progression):
        return a.with_values(a.start * factor, a.step * factor)
    if isinstance(a, Wave):
        return a.affine(a.scale * factor, a.offset * factor)
    return a if b == 1 else Applied(np.multiply, a, b)


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, Progression) and not isinstance(b, Curve):
        divisor = _divisor(b)
        return a.with_values(a.start / divisor, a.step / divisor)
    return Applied(np.divide, a, b)


def _divisor(number: Any) -> Any:
    if not number:
        raise Irregular
    return wide(number)


def _power(a: Any, b: Any) -> Any:
    if isinstance(b, Curve):
        if isinstance(b, Progression) and b.is_whole and not isinstance(a, Curve):
            return Exponential(b, float(a))
        return Applied(np.power, a, b)
    if b == 0:
        return 1
    if b == 2:
        plain = type(a) is Sine and (a.scale, a.offset) == (1, 0)
        return SquaredSine(a.angle) if plain else Applied(np.square, a)
    if b == 1:
        return a
    enlarges = isinstance(a, Progression)
    return Applied(np.power, Points(a.start, a.step, a.scope) if enlarges else a, b)


def _floor_divide(a: Any, b: Any) -> Any:
    if not isinstance(a, Progression):
        raise Irregular
    return a // b


def _modulo(a: Any, b: Any) -> Any:
    return _add(a, -_floor_divide(a, b) * int(b))


def _floor(a: Any) -> Any:
    if isinstance(a, Progression) and a.is_whole:
        return a
    raise Irregular


def _smaller(a: Any, b: Any) -> Any:
    return _chosen(np.minimum, lambda number, other: number < other, a, b)


def _larger(a: Any, b: Any) -> Any:
    return _chosen(np.maximum, lambda number, other: number > other, a, b)


def _chosen(function: Any, is_first: Callable[[Any, Any], bool], a: Any, b: Any) -> Any:
    if not isinstance(a, Curve):
        a, b = b, a
    if not isinstance(a, Curve):
        return a if is_first(a, b) else b
    if isinstance(a, Progression) and a.is_whole and not isinstance(b, Curve):
        return a if is_first(a, b) else b
    return Applied(function, a, b)


def _passed(points: Sequence[float], t: Any) -> int:
    if not (isinstance(t, Progression) and t.is_whole and t.step > 0):
        raise Irregular
    index = bisect.bisect_right(points, t.start)
    if index < len(points):
        t.scope.ends_at(t.steps_to(points[index]))
    return index


def _restart_index(t: Any, first: Any, factor: Any) -> int:
    if not (isinstance(t, Progression) and t.is_whole and t.step > 0):
        raise Irregular
    index = restart_index(t.start, first, factor)
    t.scope.ends_at(t.steps_to(restart_start(index + 1, first, factor)))
    return index


def _sin(angle: Any) -> Any:
    return Sine(angle) if isinstance(angle, Progression) else Applied(np.sin, angle)


def _cos(angle: Any) -> Any:
    return Cosine(angle) if isinstance(angle, Progression) else Applied(np.cos, angle)


def _exp(exponent: Any) -> Any:
    if isinstance(exponent, Progression):
        return Exponential(exponent)
    return Applied(np.exp, exponent)


def _irregular(*_: Any) -> Any:
    raise Irregular


_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _multiply,
    ast.Div: _divide,
    ast.Pow: _power,
    ast.FloorDiv: _floor_divide,
    ast.Mod: _modulo,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": partial(Applied, np.abs),
    "ceil": _floor,
    "cos": _cos,
    "exp": _exp,
    "floor": _floor,
    "log": partial(Applied, np.log),
    "max": lambda *values: reduce(_larger, values),
    "min": lambda *values: reduce(_smaller, values),
    "passed": _passed,
    "restart_index": _restart_index,
    "sin": _sin,
    "sqrt": partial(Applied, np.sqrt),
}


def _lifted(name: str, on_curves: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function *name* of `DECIMALS`, and *on_curves* where an argument is a curve."""
    on_numbers = DECIMALS.names[name]

    def of(*values: Any) -> Any:
        if any(isinstance(value, Curve) for value in values):
            return on_curves(*values)
        return on_numbers(*values)

    return of


#: The meaning of a formula on progressions, curves and the numbers of `DECIMALS`.
PROGRESSIONS = Table(
    {
        **DECIMALS.names,
        **{n: _lifted(n, _FUNCTIONS.get(n, _irregular)) for n in FUNCTIONS},
        **{OPERATORS[o].call: _lifted(OPERATORS[o].call, f) for o, f in _OPERATIONS.items()},
        "__round": lambda a: a if isinstance(a, Curve) else DECIMALS.names["__round"](a),
    }
)
