"""The rule `moments`: what a normal law makes of a polynomial."""

from __future__ import annotations

from functools import cache

from sympy import (
    Add,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    Integral,
    Mul,
    Pow,
    Sum,
    Symbol,
    binomial,
    exp,
    oo,
    pi,
    sqrt,
)

from derivations.binders import apart, fresh_index, one_finite_sum
from derivations.expectation import E
from derivations.laws import Normal
from derivations.normal_form import terms
from derivations.rules.polynomial import degree
from derivations.rules.rule import Rule, everywhere

HIGHEST = 12


class Moments(Rule):
    """E of a polynomial in independent normal coordinates, each monomial by its moment.

    E z^n for z = mu + sigma S comes from the binomial theorem and from the integrals of
    S^j against the standard normal density, which SymPy does once for each j. Of two
    linear forms Sum a_j z_j and Sum b_j z_j the mean of the product is the product of
    the means and Sum a_j b_j sigma_j^2, the covariance.

    Needs: a normal law, a body that is a polynomial in what is drawn, of degree at most
    12, each of whose monomials is a power of one coordinate, or two linear forms over
    one range that does not count down. A product of coordinates under different indices
    is left alone: they may be the same coordinate.
    Owes: nothing; such a polynomial is integrable.
    """

    splits_expectations = True

    @property
    def name(self) -> str:
        return "moments"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _of_polynomial, E)


def _of_polynomial(expectation: Expr) -> Expr:
    if not isinstance(expectation, E):
        return expectation
    law = expectation.law
    if not isinstance(law, Normal):
        return expectation
    found = degree(expectation.body, law.variable)
    if found is None or found > HIGHEST:
        return expectation
    return Add(*(_of_monomial(term, law) for term in terms(expectation.body)))


def _of_monomial(term: Expr, law: Normal) -> Expr:
    drawn = law.variable
    constant, varying = apart(term, drawn)
    if varying == 1:
        return constant
    if one_finite_sum(varying):
        index, lower, upper = varying.limits[0]
        place = fresh_index(index)
        monomials = terms(varying.function.xreplace({index: place}))
        inside = Add(*(_of_monomial(monomial, law) for monomial in monomials))
        return constant * Sum(inside, (place, lower, upper))
    base, power = varying.as_base_exp()
    if power.is_Integer and _is_drawn(base, drawn):
        return constant * raw_moment(int(power), *law.of(base))
    if (product := _of_two_forms(varying, law)) is not None:
        return constant * product
    return constant * E(varying, law)


def _of_two_forms(varying: Expr, law: Normal) -> Expr | None:
    """E of the product of two linear forms over one range; None where it is none."""
    square = isinstance(varying, Pow) and varying.exp == 2
    forms = (varying.base,) * 2 if square else Mul.make_args(varying)
    if len(forms) != 2 or not all(one_finite_sum(form) for form in forms):
        return None
    (index, lower, upper), other = (form.limits[0] for form in forms)
    if other[1:] != (lower, upper) or not (upper - lower + 1).is_nonnegative:
        return None  # a sum that counts down has minus signs
    place = fresh_index(index)
    one, two = (_coefficient(form, place, law.variable) for form in forms)
    if one is None or two is None:
        return None
    mean, sigma = law.of(law.variable[place])
    limits = (place, lower, upper)
    means = Sum(one * mean, limits) * Sum(two * mean, limits)
    return means + Sum(one * two * sigma**2, limits)


def _coefficient(form: Sum, place: Symbol, drawn: Expr) -> Expr | None:
    """What stands before z[place] in a sum of such; None where other factors do."""
    if not isinstance(drawn, IndexedBase):
        return None
    found = []
    for term in terms(form.function.xreplace({form.limits[0][0]: place})):
        constant, varying = apart(term, drawn)
        if varying != drawn[place]:
            return None
        found.append(constant)
    return Add(*found)


def _is_drawn(base: Expr, drawn: Expr) -> bool:
    return base == drawn or (isinstance(base, Indexed) and base.base == drawn)


def raw_moment(n: int, mean: Expr, sigma: Expr) -> Expr:
    """E z^n for z normal."""
    powers = (mean ** (n - j) * sigma**j * standard_moment(j) for j in range(n + 1))
    return Add(*(binomial(n, j) * power for j, power in enumerate(powers)))


@cache
def standard_moment(j: int) -> Expr:
    """E S^j for a standard normal S, by the integral."""
    s: Symbol = Dummy("s", real=True)
    return Integral(s**j * exp(-(s**2) / 2) / sqrt(2 * pi), (s, -oo, oo)).doit()
