"""Layer: a stand-in whose coefficients are numbers, or layers of lower level.

The variable that is bound further inside has the higher level; where two layers meet,
the lower one is a coefficient of the higher one. So an integral inside an integral, or
inside a limit, is an expression in the outer variable.
"""

from __future__ import annotations

from flint import acb, arb

from verify.balls.domain import Domain
from verify.balls.jets import Jet
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value


class Layer(Domain):
    """Operators of a stand-in with a level."""

    __slots__ = ("level",)
    level: int

    def sign(self) -> int | None:
        """1 or -1 where the value certainly has that sign, else None."""
        raise NotImplementedError

    def _below(self, other: Value) -> bool:
        return isinstance(other, Layer) and other.level > self.level

    def __add__(self, other: Value) -> Value:
        if isinstance(other, Jet):
            return NotImplemented
        return other.plus(self) if self._below(other) else self.plus(other)

    def __mul__(self, other: Value) -> Value:
        if isinstance(other, Jet):
            return NotImplemented
        return other.times(self) if self._below(other) else self.times(other)

    def __sub__(self, other: Value) -> Value:
        return NotImplemented if isinstance(other, Jet) else self + (-other)

    def __rsub__(self, other: Value) -> Value:
        return -self + other

    def __neg__(self) -> Value:
        return self.negated()

    __radd__ = __add__
    __rmul__ = __mul__


def coefficient_of(value: Value, level: int) -> Value:
    """The value, if it can be a coefficient of a layer of this level."""
    if isinstance(value, int):
        return arb(value)
    if isinstance(value, arb | acb) and value.is_finite():
        return value
    if isinstance(value, Layer) and value.level < level:
        return value
    raise NoEnclosure(f"{type(value).__name__} has no place in a closed form")


def sign_of(value: Value) -> int | None:
    """1 or -1 where the value, or the real part of it, certainly has that sign."""
    if isinstance(value, Layer):
        return value.sign()
    real = value.real if isinstance(value, acb) else value
    if isinstance(real, arb):
        return 1 if real > 0 else -1 if real < 0 else None
    return None


def is_zero(value: Value) -> bool:
    """Whether the value is a number, and exactly zero."""
    return isinstance(value, arb | acb) and bool(value == 0)
