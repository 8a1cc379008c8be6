"""ExponentialSum: a sum of terms p(u) exp(q(u)), walked in place of a variable u.

p and q are Laurent polynomials in u; a `positive` u may have fractional powers in p.
A coefficient is never dropped, not even an exact 0: what could grow when a parameter
moves stays in sight.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import arb

from verify.balls.elementary import taylor, unary
from verify.balls.layer import Layer, coefficient_of, sign_of
from verify.balls.outcomes import NoEnclosure
from verify.balls.value import Value

Polynomial = dict[int | Fraction, Value]
MOST_TERMS = 64


@dataclass(frozen=True)
class Term:
    """p(u) exp(q(u)), by powers of u; q has no constant."""

    p: Polynomial
    q: Polynomial

    @property
    def monomial(self) -> tuple[int | Fraction, Value] | None:
        """The power and the coefficient of p, where it is only one."""
        return next(iter(self.p.items())) if len(self.p) == 1 else None


class ExponentialSum(Layer):
    """The sum of the terms."""

    __slots__ = ("positive", "terms")

    def __init__(self, level: int, terms: tuple[Term, ...], positive: bool) -> None:
        if sum(len(t.p) for t in terms) > MOST_TERMS:
            raise NoEnclosure("a closed form with many terms")
        self.level, self.terms, self.positive = level, terms, positive

    def _made(self, *terms: Term) -> ExponentialSum:
        return ExponentialSum(self.level, terms, self.positive)

    def _lifted(self, value: Value) -> ExponentialSum:
        if isinstance(value, ExponentialSum) and value.level == self.level:
            return value
        return self._made(Term({0: coefficient_of(value, self.level)}, {}))

    @property
    def polynomial(self) -> Polynomial | None:
        """The powers, where nothing is exponential."""
        if len(self.terms) == 1 and not self.terms[0].q:
            return self.terms[0].p
        return None

    @property
    def constant(self) -> Value:
        """The value where u does not occur, else None."""
        p = self.polynomial
        return p[0] if p is not None and set(p) == {0} else None

    def sign(self) -> int | None:
        if len(self.terms) != 1 or set(self.terms[0].p) != {0}:
            return None
        return sign_of(self.terms[0].p[0])  # and exp(q) is positive

    def plus(self, other: Value) -> ExponentialSum:
        """The sum with a coefficient or another sum."""
        terms = list(self.terms)
        for term in self._lifted(other).terms:
            plain = next((i for i, t in enumerate(terms) if not (t.q or term.q)), None)
            if plain is None:
                terms.append(term)
            else:
                terms[plain] = Term(_sum(terms[plain].p, term.p), {})
        return self._made(*terms)

    def negated(self) -> ExponentialSum:
        """The negative."""
        return self._made(
            *(Term({n: -c for n, c in t.p.items()}, t.q) for t in self.terms)
        )

    def times(self, other: Value) -> ExponentialSum:
        """The product with a coefficient or another sum."""
        other = self._lifted(other)
        total = None
        for a in self.terms:
            for b in other.terms:
                p: Polynomial = {}
                for m, x in a.p.items():
                    for n, y in b.p.items():
                        p[m + n] = p[m + n] + x * y if m + n in p else x * y
                product = self._made(Term(p, _sum(a.q, b.q)))
                total = product if total is None else total.plus(product)
        return total if total is not None else self._made()

    def integer_power(self, exponent: int) -> ExponentialSum:
        """The power, exponent >= 1."""
        if exponent > 1 and len(self.terms) * exponent > MOST_TERMS:
            raise NoEnclosure("a high power in a closed form")
        result = self
        for _ in range(exponent - 1):
            result = result.times(self)
        return result

    def real_power(self, exponent: arb) -> Value:
        """Nothing but halves can be kept exactly, and those come as sqrt."""
        raise NoEnclosure("a real power in a closed form")

    def unary(self, name: str) -> Value:
        """A function of the sum, where it is such a sum again."""
        if name == "exp" and self.polynomial is not None:
            q = dict(self.polynomial)
            c = q.pop(0, arb(0))
            if all(isinstance(n, int) for n in q):
                return self._made(Term({0: unary("exp", c)}, q))
        known = self.constant
        if known is not None:
            return self._lifted(unary(name, known))
        monomial = self.terms[0].monomial if len(self.terms) == 1 else None
        if monomial is not None:
            made = self._of_monomial(name, *monomial, self.terms[0].q)
            if made is not None:
                return made
        raise NoEnclosure(f"{name} of this has no closed form")

    def _of_monomial(
        self, name: str, n: int | Fraction, c: Value, q: Polynomial
    ) -> ExponentialSum | None:
        """A function of c u**n exp(q(u))."""
        sign = sign_of(c)
        if name == "inverse" and sign is not None:
            opposite = {m: -a for m, a in q.items()}
            return self._made(Term({-n: unary("inverse", c)}, opposite))
        if name == "log" and sign == 1 and n == 0:
            return self._made(Term(_sum({0: unary("log", c)}, q), {}))
        if name == "sqrt" and sign == 1 and (n == 0 or self.positive):
            power = Fraction(n) / 2
            half = {m: a * (arb(1) / 2) for m, a in q.items()}
            whole = int(power) if power.denominator == 1 else power
            return self._made(Term({whole: unary("sqrt", c)}, half))
        if name == "abs" and sign is not None and (n % 2 == 0 or self.positive):
            return self._made(Term({n: c * arb(sign)}, q))
        return None

    def taylor(self, name: str, order: int) -> list[Value]:
        """The Taylor coefficients of `name` at the sum."""
        known = self.constant
        if known is not None:
            return [self._lifted(c) for c in taylor(name, known, order)]
        value = self.unary(name)
        found = [value]
        if order and name == "exp":
            for k in range(1, order + 1):
                found.append(found[-1] * (arb(1) / k))
        elif order and name in ("inverse", "log"):
            inverse = self.unary("inverse")
            power = inverse if name == "log" else inverse * inverse
            for k in range(1, order + 1):
                scale = arb((-1) ** (k - 1)) / k if name == "log" else arb((-1) ** k)
                found.append(power * scale)
                power = power * inverse
        elif order:
            raise NoEnclosure(f"derivatives of {name} in a closed form")
        return found


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    found = dict(left)
    for n, c in right.items():
        found[n] = found[n] + c if n in found else c
    return found


def variable(level: int, *, positive: bool = False) -> ExponentialSum:
    """u itself."""
    return ExponentialSum(level, (Term({1: arb(1)}, {}),), positive)
