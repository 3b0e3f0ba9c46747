"""A rate as a tensor: a number that several names may share, and that can be changed in place."""

from __future__ import annotations

from typing import Any


class Tensor:
    """A float64 tensor with one element."""

    def __init__(self, value: float) -> None:
        self.value = float(value)

    def __float__(self) -> float:
        return self.value

    def clone(self) -> Tensor:
        """Return a tensor of its own."""
        return Tensor(self.value)

    def fill_(self, value: Any) -> None:
        """Change the tensor in place."""
        self.value = float(value)

    def __add__(self, other: Any) -> Tensor:
        return Tensor(self.value + float(other))

    def __sub__(self, other: Any) -> Tensor:
        return Tensor(self.value - float(other))

    def __rsub__(self, other: Any) -> Tensor:
        return Tensor(float(other) - self.value)

    def __mul__(self, other: Any) -> Tensor:
        return Tensor(self.value * float(other))

    def __truediv__(self, other: Any) -> Tensor:
        return Tensor(self.value / float(other))

    def __imul__(self, other: Any) -> Tensor:
        self.value *= float(other)
        return self

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, float, Tensor)) and self.value == float(other)

    __hash__ = None  # type: ignore[assignment]  # it can be changed


def filled(old: Any, value: Any) -> Any:
    """Return *old* changed in place to *value* if it is a tensor, else *value*."""
    if not isinstance(old, Tensor):
        return value
    old.fill_(value)
    return old


def cloned(value: Any) -> Any:
    """Return *value*, as a tensor of its own if it is one."""
    return value.clone() if isinstance(value, Tensor) else value
