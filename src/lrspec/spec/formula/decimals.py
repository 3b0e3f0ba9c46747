"""The meaning of formulas on decimal numbers of sixty digits, from Python's `decimal`.

The exponents are so wide that nothing on the way overflows. A rate that is computed in this
arithmetic and then rounded to a float is the correctly rounded one, even if the formula loses up to
forty of the sixty digits. What is compared or rounded to a whole number is rounded to a float
before, so that the same branch is taken as in double precision.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from functools import cache
from typing import Any

from lrspec.spec.formula.functions import FUNCTIONS, SCALAR, Table
from lrspec.spec.formula.operators import OPERATORS, Operator

_DIGITS = 60
_ANGLE_DIGITS = 100  # to reduce the largest angle
_PER_RADIAN = 1024  # entries of the table of sines
_LARGEST_ANGLE = Decimal("1e40")  # the sine of a larger one is NaN here
_WIDE = decimal.Context(
    prec=_DIGITS, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX, rounding=decimal.ROUND_HALF_EVEN
)
_WIDE.clear_traps()  # as in IEEE 754, what is undefined is a NaN and a division by 0 infinite
_PRECISE = _WIDE.copy()
_PRECISE.prec = _DIGITS + 10
_PI = Decimal(
    "3.14159265358979323846264338327950288419716939937510"
    "58209749445923078164062862089986280348253421170680"
)
_NAN = Decimal("NaN")
#: Of the powers of the square of an angle, from the highest on, in its sine over it and its cosine.
_COEFFICIENTS = [
    tuple(_PRECISE.divide(Decimal((-1) ** k), math.factorial(2 * k + odd)) for odd in (1, 0))
    for k in reversed(range(9))
]


def decimal_context() -> AbstractContextManager[decimal.Context]:
    """Return the context in which the functions of `DECIMALS` must be called."""
    return decimal.localcontext(_WIDE)


def wide(number: Any) -> Any:
    """Return a number as a Decimal of sixty digits; what is no number unchanged."""
    return +Decimal(number) if isinstance(number, (int, float)) else number


def exact(number: Any) -> Any:
    """Return a float as a Decimal of sixty digits; an integer, or what is no number, unchanged."""
    return +Decimal(number) if isinstance(number, float) else number


def _rounded(number: Any) -> Any:
    """Return a number rounded to double precision.

    Unrounded, 0.7 * 10 would be less than 7, because the double 0.7 is less than 7/10.
    """
    return Decimal(float(number)) if isinstance(number, Decimal) else number


def _floor(a: Decimal) -> Decimal:
    a = _rounded(a)
    return a.to_integral_value(decimal.ROUND_FLOOR) if a.is_finite() else a


def _ceil(a: Decimal) -> Decimal:
    return -_floor(-a)


def _floor_divide(a: Decimal, b: Decimal) -> Decimal:
    a, b = _rounded(a), _rounded(b)
    quotient = a // b  # towards zero
    return quotient - 1 if (a % b) * b < 0 else quotient


def _modulo(a: Decimal, b: Decimal) -> Decimal:
    a, b = _rounded(a), _rounded(b)
    return a - b * _floor_divide(a, b)


def _power(a: Decimal, b: Decimal) -> Decimal:
    return Decimal(1) if b == 0 else a**b


def _cos(a: Decimal) -> Decimal:
    return _waves(a)[1]


def _sin(a: Decimal) -> Decimal:
    return _waves(a)[0]


def _waves(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Return the sine and the cosine of *angle*, from those of the nearest angle in a table."""
    if angle.is_nan() or abs(angle) > _LARGEST_ANGLE:
        return _NAN, _NAN
    with decimal.localcontext(_PRECISE) as context:
        if abs(angle) > _PI:
            context.prec = _ANGLE_DIGITS
            angle = angle.remainder_near(2 * _PI)
            context.prec = _PRECISE.prec
        nearest = round(angle * _PER_RADIAN)
        sine, cosine = _table()[abs(nearest)]
        sine = sine if nearest >= 0 else -sine
        rest = angle - Decimal(nearest) / _PER_RADIAN
        of_rest, cosine_of_rest = _taylor(rest)
        found = (
            sine * cosine_of_rest + cosine * of_rest,
            cosine * cosine_of_rest - sine * of_rest,
        )
    return +found[0], +found[1]


def _taylor(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Return the sine and the cosine of an angle of at most half an entry of the table."""
    square = angle * angle
    sine = cosine = Decimal(0)
    for of_sine, of_cosine in _COEFFICIENTS:
        sine = sine * square + of_sine
        cosine = cosine * square + of_cosine
    return sine * angle, cosine


@cache
def _table() -> Sequence[tuple[Decimal, Decimal]]:
    """Return the sine and the cosine of 0, 1, … 1024ths of a radian up to half a turn."""
    with decimal.localcontext(_PRECISE):
        by_sine, by_cosine = _taylor(1 / Decimal(_PER_RADIAN))
        table = [(Decimal(0), Decimal(1))]
        for _ in range(round(_PI * _PER_RADIAN)):
            sine, cosine = table[-1]
            table.append((sine * by_cosine + cosine * by_sine, cosine * by_cosine - sine * by_sine))
    return table


def _on_decimals(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *numbers: function(*map(wide, numbers))


def _operation(operator: Operator) -> Callable[[Any, Any], Any]:
    """Return an operation on Decimals; on integers it is exact where the result is one, too."""
    on_decimals = _OPERATIONS.get(operator.call, operator.exact)
    on_integers = operator.exact if operator.sign in ("+", "-", "*", "//", "%") else None
    divides = operator.sign in ("//", "%")

    def of(a: Any, b: Any) -> Any:
        if on_integers and type(a) is int and type(b) is int and (b or not divides):
            return on_integers(a, b)
        return on_decimals(
            a if type(a) is Decimal else wide(a), b if type(b) is Decimal else wide(b)
        )

    return of


#: A product of more factors would take longer than 0.1 s; in double precision it is vectorised.
MOST_FACTORS = 10_000


def _product(factor: Callable[[Decimal], Any], t: Decimal) -> Decimal:
    """Return factor(1) · factor(2) · … · factor(t), NaN for more than `MOST_FACTORS`."""
    if t > MOST_FACTORS:
        return _NAN
    return math.prod((wide(factor(Decimal(k + 1))) for k in range(int(t))), start=Decimal(1))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": _ceil,
    "cos": _cos,
    "exp": Decimal.exp,
    "floor": _floor,
    "log": Decimal.ln,
    "log1p": lambda a: (1 + a).ln(),
    "max": max,
    "min": min,
    "sin": _sin,
    "sqrt": Decimal.sqrt,
}
_OPERATIONS: dict[str, Callable[..., Any]] = {
    "__floor_divide": _floor_divide,
    "__modulo": _modulo,
    "__power": _power,
}

#: The meaning of a formula on Decimals, and on floats and integers, which stand for their values.
DECIMALS = Table(
    {
        **{name: function.scalar for name, function in FUNCTIONS.items()},
        **{name: _on_decimals(function) for name, function in _FUNCTIONS.items()},
        **{operator.call: _operation(operator) for operator in OPERATORS.values()},
        "pi": _PI,
        "__round": _rounded,
        "product": _product,
    }
)


def _on_rates(operator: Operator) -> Callable[[Any, Any], Any]:
    decimal = _OPERATIONS.get(operator.call, operator.exact)

    def of(a: Any, b: Any) -> Any:
        has_rate = isinstance(a, Decimal) or isinstance(b, Decimal)
        return decimal(wide(a), wide(b)) if has_rate else operator.scalar(a, b)

    return of


#: The meaning of a formula in which the rates are Decimals, and all that has no rate in it is
#: computed in double precision, as a framework does with metrics.
DECIMAL_RATES = Table(
    {
        **SCALAR.names,
        "__round": _rounded,
        **{operator.call: _on_rates(operator) for operator in OPERATORS.values()},
    }
)
