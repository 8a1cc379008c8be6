"""The arithmetic that is free in every step: a normal form for field operations.

Two expressions that differ by field operations, by the names of bound variables, by
what is constant in a sum, or by how an exponential is split have one normal form.
Whatever is not arithmetic (log, sigmoid, h(G), E, Derivative, ...) is a generator: its
arguments are brought to normal form, and nothing is known of it. So no logarithm is
expanded here, no expectation split, no square root simplified: those are rules, and are
cited.

An exponential is a power of one generator: exp(x), exp(-x) and exp(x/2) are related, as
are v and sqrt(v) for a positive v.

Limits: denominators are assumed not to vanish, as in any rational identity. That makes
the form sound where both sides are defined; `verify` looks whether they are defined
anywhere.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from math import lcm

from sympy import (
    Add,
    Dummy,
    Expr,
    Integer,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    S,
    cancel,
    default_sort_key,
    exp,
    fraction,
)

from derivations.binders import BINDERS, multiplied_out, rename_bound


class Undefined(ArithmeticError):
    """An expression divides by something that is zero."""


@lru_cache(maxsize=20_000)
def normal(expression: Expr) -> Expr:
    """`expression` in normal form; raises Undefined where it divides by zero."""
    if isinstance(expression, BINDERS):
        return rename_bound(expression, normal)
    if not isinstance(expression, Add | Mul | Pow | exp):
        return _rebuilt(expression)
    field = _Field()
    field.note(expression)
    return field.reduced(expression)


def terms(expression: Expr) -> tuple[Expr, ...]:
    """The terms of the normal form, each over the common denominator."""
    numerator, denominator = fraction(normal(expression))
    return tuple(
        term / denominator for term in Add.make_args(multiplied_out(numerator))
    )


def _rebuilt(expression: Expr) -> Expr:
    """The same head over arguments in normal form."""
    if expression.is_Atom or not expression.args:
        return _defined(expression)
    return _defined(
        expression.func(
            *(
                normal(a) if isinstance(a, Expr) else _rebuilt(a)
                for a in expression.args
            )
        )
    )


def _defined(expression: Expr) -> Expr:
    if expression in (S.NaN, S.ComplexInfinity):
        raise Undefined(f"{expression} is not a number")
    return expression


class _Field:
    """The generators of one expression, and the expression as a quotient over them."""

    def __init__(self) -> None:
        self.roots: dict[tuple[Expr, Expr], int] = {}
        self.dummies: dict[Expr, Dummy] = {}

    def note(self, expression: Expr) -> None:
        """Learn which roots the powers of `expression` need, before any is written."""
        if isinstance(expression, Add | Mul):
            for a in expression.args:
                self.note(a)
        elif isinstance(expression, Pow) and expression.exp.is_Integer:
            self.note(expression.base)
        elif isinstance(expression, exp | Pow):
            for base, monomial, power in _powers(expression):
                key = (base, monomial)
                self.roots[key] = lcm(self.roots.get(key, 1), int(power.q))

    def reduced(self, expression: Expr) -> Expr:
        """The quotient of polynomials in the generators, its numerator expanded."""
        quotient = self.written(expression)
        # generators in one order, so that equal quotients are the same expression
        ordered = sorted(
            self.dummies.items(), key=lambda item: default_sort_key(item[0])
        )
        canonical = {
            d: Dummy(f"g{i:04d}", dummy_index=10**9 + i)
            for i, (_, d) in enumerate(ordered)
        }
        gens = [canonical[d] for _, d in ordered]
        quotient = cancel(quotient.xreplace(canonical), *gens) if gens else quotient
        numerator, denominator = fraction(quotient)
        back = {canonical[d]: g for g, d in ordered}
        numerator, denominator = (
            numerator.expand().xreplace(back),
            denominator.xreplace(back),
        )
        numerator = multiplied_out(numerator)
        if denominator.is_zero:
            raise Undefined(f"{expression} divides by {denominator}")
        return _defined(numerator / denominator)

    def written(self, expression: Expr) -> Expr:
        """`expression` over dummies, one for each generator."""
        if expression.is_Rational:
            return expression
        if isinstance(expression, Add | Mul):
            return expression.func(*(self.written(a) for a in expression.args))
        if isinstance(expression, Pow) and expression.exp.is_Integer:
            return self._quotient(self.written(expression.base), expression)
        if isinstance(expression, exp | Pow):
            factors = (
                self._root(b, m) ** (self.roots[b, m] * q)
                for b, m, q in _powers(expression)
            )
            return reduce(Mul, factors, S.One)
        inner = normal(expression)
        if inner != expression and isinstance(inner, Add | Mul | Pow | exp):
            self.note(inner)
            return self.written(inner)
        if (inner, S.One) in self.roots:  # v beside sqrt(v)
            return self._root(inner, S.One) ** self.roots[inner, S.One]
        return self._dummy(inner)

    def _quotient(self, base: Expr, expression: Expr) -> Expr:
        if expression.exp.is_negative and cancel(base) == 0:
            raise Undefined(f"{expression} divides by zero")
        return base**expression.exp

    def _root(self, base: Expr, monomial: Expr) -> Dummy:
        return self._dummy(base ** (monomial / self.roots[base, monomial]))

    def _dummy(self, generator: Expr) -> Dummy:
        return self.dummies.setdefault(generator, Dummy())


@lru_cache(maxsize=20_000)
def _powers(expression: exp | Pow) -> tuple[tuple[Expr, Expr, Rational], ...]:
    """base**exponent as a product of base**(monomial * rational), where base > 0."""
    base, exponent = expression.as_base_exp()
    if isinstance(base, Mul) and all(f.is_positive for f in base.args):
        return tuple(p for f in base.args for p in _powers_of(f, exponent))
    return _powers_of(base, exponent)


def _powers_of(base: Expr, exponent: Expr) -> tuple[tuple[Expr, Expr, Rational], ...]:
    base = base if isinstance(base, NumberSymbol) else normal(base)
    exponent = normal(exponent)
    if not base.is_positive or (base.is_Rational and exponent.is_Rational):
        return ((Pow(base, exponent, evaluate=False), S.One, S.One),)
    found = []
    for term in terms(exponent):
        power, monomial = term.as_coeff_Mul(rational=True)
        found.append((base, monomial, Rational(power)))
    return tuple(found) or ((Integer(1), S.One, S.One),)
