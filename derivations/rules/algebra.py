"""The rule `algebra`: powers, roots, absolute values of factors with a known sign."""

from __future__ import annotations

from sympy import (
    Abs,
    Expr,
    Mul,
    Pow,
    Product,
    S,
    Sum,
    expand_power_base,
    expand_power_exp,
    factor,
)

from derivations.binders import counts
from derivations.normal_form import normal
from derivations.rules.rule import Rule, everywhere


class Algebra(Rule):
    """Take powers and absolute values of products apart.

    (x y)^r = x^r y^r where all factors but one are nonnegative or r is an integer,
    |x y| = |x| |y|, Prod(x y) = Prod x Prod y, and Prod(c) = c^(number of factors).

    Needs: the signs, from SymPy's assumptions; nothing is forced.
    Owes: nothing.
    """

    @property
    def name(self) -> str:
        return "algebra"

    def rewrite(self, expression: Expr) -> Expr:
        expression = everywhere(expression, _product, Product)
        expression = everywhere(expression, _absolute, Abs)
        return everywhere(expression, _power, Pow)


def _power(power: Expr) -> Expr:
    if not isinstance(power, Pow) or power.exp.is_Integer:
        return power
    base = power.base if power.base.is_number else factor(normal(power.base))
    return expand_power_base(expand_power_exp(base**power.exp))


def _absolute(absolute: Expr) -> Expr:
    if not isinstance(absolute, Abs):
        return absolute
    inside = factor(normal(absolute.args[0]))
    return Mul(*(Abs(f) for f in Mul.make_args(inside)))


def _product(product: Expr) -> Expr:
    if not isinstance(product, Product) or len(product.limits) != 1:
        return product
    index, lower, upper = product.limits[0]
    if not counts(lower, upper):
        return product
    made = S.One
    for f in Mul.make_args(factor(normal(product.function))):
        base, power = f.as_base_exp()
        if not f.has(index):
            made *= f ** (upper - lower + 1)
        elif base is S.Exp1:
            made *= base ** Sum(power, (index, lower, upper))
        elif power.is_Integer:
            made *= Product(base, (index, lower, upper)) ** power
        else:
            made *= Product(f, (index, lower, upper))
    return made
