"""The rule `logarithms`: a logarithm of a positive product is a sum."""

from __future__ import annotations

from sympy import Expr, Mul, Pow, Product, S, Sum, expand_log, factor, log

from derivations.normal_form import normal
from derivations.rules.algebra import Algebra
from derivations.rules.rule import Rule, everywhere


class Logarithms(Rule):
    """log(x y) = log x + log y, log x^r = r log x, log Prod x = Sum log x, log e^x = x.

    Needs: x and y positive, r and the exponent real, by SymPy's assumptions. A factor
    of unknown sign stays inside its logarithm.
    Owes: nothing.
    """

    @property
    def name(self) -> str:
        return "logarithms"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _expanded, log)


def _expanded(logarithm: Expr) -> Expr:
    if not isinstance(logarithm, log) or len(logarithm.args) != 1:
        return logarithm
    inside = logarithm.args[0]
    if inside.has(Product):
        inside = Algebra().rewrite(inside)
    inside = inside if inside.is_number else factor(normal(inside))
    parts = [_of_factor(f) for f in Mul.make_args(inside) if f.is_positive]
    rest = Mul(*(f for f in Mul.make_args(inside) if not f.is_positive))
    return sum(parts, S.Zero) + (log(rest) if rest != 1 else S.Zero)


def _of_factor(positive: Expr) -> Expr:
    """log of one positive factor."""
    base, power = positive.as_base_exp()
    if base is S.Exp1:
        return power if power.is_real else log(positive)
    if isinstance(base, Product) and len(base.limits) == 1 and power.is_real:
        if not base.function.is_positive:
            return log(positive)
        return power * Sum(_expanded(log(base.function)), *base.limits)
    if isinstance(positive, Pow) and base.is_positive and power.is_real:
        return power * expand_log(log(base))
    return expand_log(log(positive))
