"""Expansion: the arithmetic of asymptotic expansions as t tends to 0 from the right.

f(t) = m log t + sum of c_n t**n for start <= n < end, up to O(t**end). Nothing is cut
off that the O does not say, so the arithmetic is exact. A limit, if it exists, is c_0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from flint import arb

from verify.balls.layer import Layer, coefficient_of, is_zero, sign_of
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.value import Value


class Expansion(Layer):
    """Coefficients from the power `start` on, up to O(t**end); `log` before log t."""

    __slots__ = ("coefficients", "log", "start")

    def __init__(
        self, level: int, start: int, coefficients: Sequence[Value], log: int = 0
    ) -> None:
        self.level, self.log = level, log
        while coefficients and is_zero(coefficients[0]):
            start, coefficients = start + 1, coefficients[1:]
        self.start = start
        self.coefficients = list(coefficients)

    def _made(self, start: int, coefficients: Sequence[Value], log: int = 0) -> Self:
        return type(self)(self.level, start, coefficients, log)

    @property
    def end(self) -> int:
        """The order of what is not known."""
        return self.start + len(self.coefficients)

    def at(self, power: int) -> Value:
        """The coefficient before t**power."""
        if power >= self.end:
            raise NoEnclosure("an expansion that is too short")
        return self.coefficients[power - self.start] if power >= self.start else arb(0)

    def limit(self) -> Value:
        """The limit at 0, if it exists; Undefined where it is not finite."""
        if self.log:
            raise NoEnclosure("a logarithm is left at the limit point")
        for power in range(self.start, 0):
            pole = self.at(power)
            if not isinstance(pole, arb):
                raise NoEnclosure("a pole whose coefficient is not a number")
            if not pole.contains(0):
                raise Undefined("the limit is not finite")
        return self.at(0)

    def sign(self) -> int | None:
        if self.log and self.start >= 0:
            return -1 if self.log > 0 else 1
        return sign_of(self.coefficients[0]) if self.coefficients else None

    def _lifted(self, value: Value, end: int) -> Self:
        if isinstance(value, type(self)) and value.level == self.level:
            return value
        constant = coefficient_of(value, self.level)
        return self._made(0, [constant] + [arb(0)] * max(end - 1, 0))

    def plus(self, other: Value) -> Self:
        """The sum with a coefficient or another series."""
        other = self._lifted(other, max(self.end, 1))
        start, end = min(self.start, other.start), min(self.end, other.end)
        return self._made(
            start,
            [self.at(n) + other.at(n) for n in range(start, end)],
            self.log + other.log,
        )

    def negated(self) -> Self:
        """The negative."""
        return self._made(self.start, [-c for c in self.coefficients], -self.log)

    def times(self, other: Value) -> Self:
        """The product with a coefficient or another series."""
        if not (isinstance(other, Expansion) and other.level == self.level):
            factor = coefficient_of(other, self.level)
            if self.log:
                return self._multiplied(factor)
            return self._made(self.start, [c * factor for c in self.coefficients])
        if self.log or other.log:
            raise NoEnclosure("a product with a logarithm near a limit point")
        a, b = self.coefficients, other.coefficients
        length = min(len(a), len(b))
        found = [
            sum((a[i] * b[n - i] for i in range(1, n + 1)), a[0] * b[n])
            for n in range(length)
        ]
        return self._made(self.start + other.start, found)

    def _multiplied(self, whole: Value) -> Self:
        if not (isinstance(whole, arb) and whole.is_exact() and whole.is_integer()):
            raise NoEnclosure("a multiple of a logarithm that is not whole")
        found = [c * whole for c in self.coefficients]
        log = self.log * int(whole.unique_fmpz())
        return self._made(self.start, found, log)
