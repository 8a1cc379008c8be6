"""Growth: a certificate that bounds the tails of an integral over the real line.

Walked in place of the integration variable t it gives, for all real t,
abs(f(t)) <= C exp(b abs(t) - a t**2), and for a positive f also abs(log f(t)) <=
alpha + beta abs(t) + gamma t**2. What it cannot bound raises NoEnclosure.
The inequalities used: abs(t)**n <= n! exp(abs(t)) and abs(log(f + g)) <= log 2 +
abs(log f) + abs(log g), log(1 + e**x) <= log 2 + abs(x).
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import acb, arb, arb_poly

from verify.balls.domain import Domain
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value

Three = tuple[arb, arb, arb]
BOUNDED = ("sigmoid", "tanh", "sin", "cos", "erf", "sign", "atan")
LARGEST_ATAN = 2


@dataclass(frozen=True)
class Growth(Domain):
    """What is known of a function of t.

    bound       (C, b, a)
    polynomial  its coefficients, where it is one
    log         (alpha, beta, gamma), where it is certainly positive
    below_one   the same for 1 - f, and `above_minus_one` for 1 + f
    """

    bound: Three
    polynomial: arb_poly | None = None
    log: Three | None = None
    below_one: Three | None = None
    above_minus_one: Three | None = None

    def plus(self, other: Value) -> Growth:
        """The sum with a number or another stand-in."""
        other = growth(other)
        (c, b, a), (d, e, f) = self.bound, other.bound
        return Growth(
            (c + d, b.max(e), a.min(f)),
            _both(self.polynomial, other.polynomial, lambda p, q: p + q),
            _log_of_sum(self, other),
        )

    def negated(self) -> Growth:
        """The negative."""
        polynomial = None if self.polynomial is None else -self.polynomial
        return Growth(
            self.bound, polynomial, None, self.above_minus_one, self.below_one
        )

    def times(self, other: Value) -> Growth:
        """The product with a number or another stand-in."""
        if isinstance(other, arb) and other == -1:
            return -self
        if isinstance(other, arb) and other == 1:
            return self
        other = growth(other)
        (c, b, a), (d, e, f) = self.bound, other.bound
        return Growth(
            (c * d, b + e, a + f),
            _both(self.polynomial, other.polynomial, lambda p, q: p * q),
            _both(self.log, other.log, _sum),
        )

    def unary(self, name: str) -> Growth:
        """The growth of a function of f."""
        if name == "exp":
            return self._exp()
        if name in BOUNDED:
            flat = (arb(LARGEST_ATAN if name == "atan" else 1), arb(0), arb(0))
            known = self._softplus_log() if name == "sigmoid" else None
            return Growth(flat, None, known, below_one=known)
        if name == "softplus":
            return Growth((self.unary("abs") + arb(2).log()).bound)
        if name == "abs":
            return Growth(self.bound, None, self.log)
        if name == "log":
            return Growth(_bound_of_log(self._known_log("log")))
        if name == "inverse":
            known = self._known_log("division")
            return Growth((known[0].exp(), known[1], -known[2]), None, known)
        if name == "sqrt" and self.log is not None:
            c, b, a = self.bound
            half = arb(1) / 2
            return Growth((c.sqrt(), b * half, a * half), None, _scaled(self.log, half))
        raise NoEnclosure(f"no bound for the growth of {name}")

    def taylor(self, name: str, order: int) -> list[Growth]:
        """Bounds for the Taylor coefficients of `name` at f.

        Cauchy's estimate: the sigmoid is at most 1 on abs(Im) <= pi/2.
        """
        value = self.unary(name)
        one = Growth((arb(1), arb(0), arb(0)))
        if not order:
            return [value]
        if name == "exp":
            return [value] * (order + 1)
        if name in ("sin", "cos", "sigmoid", "softplus"):
            return [value] + [one] * order
        if name in ("inverse", "log"):
            inverse = self.unary("inverse")
            powers = [value, inverse if name == "log" else value * inverse]
            while len(powers) <= order:
                powers.append(powers[-1] * inverse)
            return powers
        raise NoEnclosure(f"no bound for derivatives of {name}")

    def _known_log(self, where: str) -> Three:
        if self.log is None:
            raise NoEnclosure(f"{where} of what is not certified positive")
        return self.log

    def _exp(self) -> Growth:
        three = self._quadratic()
        if three is None:
            c, b, a = self.bound
            if not (b <= 0 and a >= 0):
                raise NoEnclosure("exp of what is neither quadratic nor bounded")
            return Growth((c.exp(), arb(0), arb(0)), None, (c, arb(0), arb(0)))
        c0, c1, c2 = three
        return Growth((c0.exp(), abs(c1), -c2), None, (abs(c0), abs(c1), abs(c2)))

    def _quadratic(self) -> Three | None:
        p = self.polynomial
        if p is None or p.degree() > 2:
            return None
        return p[0], p[1], p[2]

    def _softplus_log(self) -> Three | None:
        """Bounds for abs(log s(f)) and for abs(log(1 - s(f))): log 2 + abs(f)."""
        three = self._quadratic()
        if three is None:
            c, b, a = self.bound
            if not (b <= 0 and a >= 0):
                return None
            three = (c, arb(0), arb(0))
        return abs(three[0]) + arb(2).log(), abs(three[1]), abs(three[2])


def variable() -> Growth:
    """The growth of t itself."""
    return growth_of_polynomial(arb_poly([0, 1]))


def growth_of_polynomial(p: arb_poly) -> Growth:
    """The growth of a polynomial in t."""
    size, factorial = arb(0), 1
    for n in range(max(p.degree(), 0) + 1):
        factorial *= max(n, 1)
        size += abs(p[n]) * factorial
    rate = arb(1 if p.degree() > 0 else 0)
    known = None
    if p.degree() <= 0 and p[0] > 0:
        known = (abs(p[0].log()), arb(0), arb(0))
    return Growth((size, rate, arb(0)), p, known)


def growth(value: Value) -> Growth:
    """The growth of a constant."""
    if isinstance(value, Growth):
        return value
    if isinstance(value, arb):
        return growth_of_polynomial(arb_poly([value]))
    if isinstance(value, acb):
        raise NoEnclosure("the growth of a complex number")
    raise NoEnclosure(f"the growth of a {type(value).__name__}")


def _both(left: Value, right: Value, combine: Value) -> Value:
    return None if left is None or right is None else combine(left, right)


def _sum(left: Three, right: Three) -> Three:
    return tuple(x + y for x, y in zip(left, right, strict=True))


def _scaled(three: Three, by: arb) -> Three:
    return tuple(x * by for x in three)


def _log_of_sum(left: Growth, right: Growth) -> Three | None:
    for one, other in ((left, right), (right, left)):
        p = one.polynomial
        if p is not None and p.degree() == 0 and p[0] == 1 and other.above_minus_one:
            return other.above_minus_one
    if left.log is None or right.log is None:
        return None
    return (arb(2).log() + left.log[0] + right.log[0],
            left.log[1] + right.log[1], left.log[2] + right.log[2])  # fmt: skip


def _bound_of_log(three: Three) -> Three:
    """alpha + beta abs(t) + gamma t**2 <= (alpha + beta + 2 gamma) exp(abs(t))."""
    alpha, beta, gamma = three
    rate = arb(0) if beta == 0 and gamma == 0 else arb(1)
    return alpha + beta + 2 * gamma, rate, arb(0)
