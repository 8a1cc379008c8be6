"""Degree: an upper bound for the degree of a polynomial, and of the logarithm of one.

Walked in place of a drawn variable it shows whether the body of an expectation is a
polynomial in what is drawn, so that Gauss-Hermite quadrature is exact. The logarithm of
a product of constants and exponentials of polynomials is a polynomial too.
"""

from __future__ import annotations

from math import inf

from verify.balls.domain import Domain
from verify.balls.value import Value


class Degree(Domain):
    """At most `own` as a polynomial, the logarithm at most `log`; inf: it is none."""

    __slots__ = ("log", "own")

    def __init__(self, own: float, log: float = inf) -> None:
        self.own, self.log = own, log

    def plus(self, other: Value) -> Degree:
        """The sum with a number or another stand-in."""
        return Degree(
            max(self.own, other.own) if isinstance(other, Degree) else self.own
        )

    def times(self, other: Value) -> Degree:
        """The product with a number or another stand-in."""
        if isinstance(other, Degree):
            return Degree(self.own + other.own, max(self.log, other.log))
        return Degree(self.own, self.log)

    def negated(self) -> Degree:
        """The negative."""
        return self

    def unary(self, name: str) -> Degree:
        """The degree of a function of the polynomial."""
        flat = 0 if self.own == 0 else inf
        if name == "exp":
            return Degree(flat, self.own)
        if name == "log":
            return Degree(self.log)
        return Degree(flat, self.log if name in ("inverse", "sqrt", "abs") else flat)

    def taylor(self, name: str, order: int) -> list[Degree]:
        """Derivatives of a function of the polynomial; only the value may be one."""
        return [self.unary(name)] + [Degree(inf)] * order

    def integer_power(self, exponent: int) -> Degree:
        """The degree of a power, exponent >= 1."""
        return Degree(self.own * exponent, self.log)
