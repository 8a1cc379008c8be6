"""Singular ends: a bound abs(f(u)) <= C u**p on (0, 1/2), walked in place of u.

A single power c u**p is known exactly, so that its powers, its logarithm and its
exponential can be bounded. Used: abs(log u) <= 4 u**(-1/4), exp(-x) <= (s / (e x))**s.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import acb, arb

from verify.balls.domain import Domain
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value

DECAY = 8
"""exp(-c u**(-q)) is bounded by a multiple of u**DECAY."""
BOUNDED = ("sigmoid", "tanh", "sin", "cos", "erf", "sign")


@dataclass(frozen=True)
class Singular(Domain):
    """abs(f(u)) <= size u**rate on (0, 1/2); where `exact` is c, f(u) = c u**rate."""

    size: arb
    rate: arb
    exact: arb | None = None

    def plus(self, other: Value) -> Singular:
        """The sum with a number or another stand-in."""
        other = singular(other)
        return Singular(self.size + other.size, self.rate.min(other.rate))

    def negated(self) -> Singular:
        """The negative."""
        return Singular(
            self.size, self.rate, None if self.exact is None else -self.exact
        )

    def times(self, other: Value) -> Singular:
        """The product with a number or another stand-in."""
        other = singular(other)
        both = None
        if self.exact is not None and other.exact is not None:
            both = self.exact * other.exact
        return Singular(self.size * other.size, self.rate + other.rate, both)

    def unary(self, name: str) -> Singular:
        """A bound for a function of f."""
        if name == "exp":
            return self._exp()
        if name in BOUNDED:
            return Singular(arb(1), arb(0))
        if name == "abs":
            return Singular(self.size, self.rate)
        if name == "softplus":
            return self.unary("abs") + arb(2).log()
        c = self.exact
        if c is not None and name == "inverse" and c != 0:
            return Singular(1 / abs(c), -self.rate, 1 / c)
        if c is not None and name == "sqrt" and c > 0:
            return Singular(c.sqrt(), self.rate / 2, c.sqrt())
        if c is not None and name == "log" and c > 0:
            return Singular(abs(c.log()) + 4 * abs(self.rate), arb(-1) / 4)
        raise NoEnclosure(f"no bound for {name} at a singular end")

    def real_power(self, exponent: arb) -> Singular:
        """A real power of c u**p, c > 0."""
        if self.exact is None or not self.exact > 0:
            raise NoEnclosure("a real power at a singular end")
        c = (exponent * self.exact.log()).exp()
        return Singular(c, self.rate * exponent, c)

    def _exp(self) -> Singular:
        if self.rate >= 0:
            return Singular(self.size.exp(), arb(0))
        c = self.exact
        if c is None or not c < 0:
            raise NoEnclosure("exp of what may tend to infinity at a singular end")
        power = DECAY / -self.rate
        return Singular((power / (arb.const_e() * -c)) ** power, arb(DECAY))

    def taylor(self, name: str, order: int) -> list[Singular]:
        """Only the value is bounded, no derivatives."""
        if order:
            raise NoEnclosure("a derivative at a singular end")
        return [self.unary(name)]

    def integral_to(self, cut: arb) -> arb:
        """A ball that contains the integral of f over (0, cut), for cut <= 1/2."""
        raised = self.rate + 1
        if not raised > 0:
            raise NoEnclosure("a singular end that is not certainly integrable")
        bound = (self.size * cut**raised / raised).upper()
        return bound.union(-bound)


def singular(value: Value) -> Singular:
    """The bound of a constant."""
    if isinstance(value, Singular):
        return value
    if isinstance(value, arb):
        return Singular(abs(value), arb(0), value)
    kind = "a complex ball" if isinstance(value, acb) else type(value).__name__
    raise NoEnclosure(f"{kind} at a singular end")


def near_zero(integrand: Value) -> Singular:
    """The bound for a function of u."""
    return singular(integrand(Singular(arb(1), arb(1), arb(1))))
