"""Intervals whose ends may be infinite: the values of a function near a limit point.

Infinite ends are never attained: `Interval(lo, oo)` holds the real numbers from lo on.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb

from verify.balls.domain import Domain
from verify.balls.elementary import unary
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value

POSITIVE_INFINITY = arb.pos_inf()
NEGATIVE_INFINITY = arb.neg_inf()

AT_INFINITY: dict[str, tuple[Callable[[], arb], Callable[[], arb]]] = {
    "exp": (lambda: arb(0), arb.pos_inf),
    "atan": (lambda: -arb.pi() / 2, lambda: arb.pi() / 2),
    "erf": (lambda: arb(-1), lambda: arb(1)),
    "tanh": (lambda: arb(-1), lambda: arb(1)),
    "sigmoid": (lambda: arb(0), lambda: arb(1)),
    "softplus": (lambda: arb(0), arb.pos_inf),
    "log": (arb.nan, arb.pos_inf),
    "sqrt": (arb.nan, arb.pos_inf),
}
"""Increasing functions, with their limits at minus infinity and at infinity."""


class Interval(Domain):
    """All real numbers from `lo` to `hi`."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: arb, hi: arb) -> None:
        if lo.is_nan() or hi.is_nan():
            raise NoEnclosure("an interval without ends")
        self.lo, self.hi = lo.lower(), hi.upper()

    def ball(self) -> arb:
        """One ball that contains the interval."""
        if not (self.lo.is_finite() and self.hi.is_finite()):
            raise NoEnclosure("the values near the limit point are not bounded")
        return self.lo.union(self.hi)

    def plus(self, other: Value) -> Interval:
        """The sum with a number or another stand-in."""
        other = interval(other)
        return Interval(self.lo + other.lo, self.hi + other.hi)

    def negated(self) -> Interval:
        """The negative."""
        return Interval(-self.hi, -self.lo)

    def times(self, other: Value) -> Interval:
        """The product with a number or another stand-in."""
        other = interval(other)
        products = [
            _times(a, b) for a in (self.lo, self.hi) for b in (other.lo, other.hi)
        ]
        return _hull(products)

    def integer_power(self, exponent: int) -> Interval:
        """The interval of the powers, exponent >= 1."""
        ends = [self.lo**exponent, self.hi**exponent]
        ends = [
            e if x.is_finite() else (POSITIVE_INFINITY if exponent % 2 == 0 else x)
            for e, x in zip(ends, (self.lo, self.hi), strict=True)
        ]
        if exponent % 2 == 0 and self.lo < 0 < self.hi:
            ends.append(arb(0))
        return _hull(ends)

    def unary(self, name: str) -> Interval:
        """The interval of the values of a function."""
        if name == "inverse":
            return self._inverse()
        if name in ("sin", "cos"):
            return Interval(arb(-1), arb(1))
        if name == "abs":
            ends = [abs(self.lo), abs(self.hi)]
            return _hull(ends + [arb(0)] * (not (self.lo > 0 or self.hi < 0)))
        if name not in AT_INFINITY:
            raise NoEnclosure(f"{name} near a limit point")
        return Interval(self._end(name, self.lo), self._end(name, self.hi))

    def _end(self, name: str, x: arb) -> arb:
        if not x.is_finite():
            return AT_INFINITY[name][1 if x > 0 else 0]()
        if name == "log" and x == 0:
            return NEGATIVE_INFINITY
        return unary(name, x)

    def _inverse(self) -> Interval:
        if self.lo < 0 < self.hi or (self.lo == 0 and self.hi == 0):
            raise NoEnclosure("division by an interval around 0")
        low = arb(0) if not self.hi.is_finite() else None
        high = arb(0) if not self.lo.is_finite() else None
        if low is None:
            low = 1 / self.hi if self.hi != 0 else NEGATIVE_INFINITY
        if high is None:
            high = 1 / self.lo if self.lo != 0 else POSITIVE_INFINITY
        return Interval(low, high)

    def taylor(self, name: str, order: int) -> list:
        """Only values are known here, no derivatives."""
        if order:
            raise NoEnclosure("a derivative near a limit point")
        return [self.unary(name)]


def interval(value: Value) -> Interval:
    """The interval of one number."""
    if isinstance(value, Interval):
        return value
    if isinstance(value, arb) and value.is_finite():
        return Interval(value, value)
    kind = "a complex ball" if isinstance(value, acb) else type(value).__name__
    raise NoEnclosure(f"{kind} near a limit point")


def _times(a: arb, b: arb) -> arb:
    return arb(0) if a == 0 or b == 0 else a * b


def _hull(ends: list[arb]) -> Interval:
    low, high = ends[0].lower(), ends[0].upper()
    for end in ends:
        if end.is_nan():
            raise NoEnclosure("an interval without ends")
        low = end.lower() if end.lower() < low else low
        high = end.upper() if end.upper() > high else high
    return Interval(low, high)
