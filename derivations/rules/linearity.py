"""The rule `linearity`: the expectation of a finite sum is the sum of expectations."""

from __future__ import annotations

from sympy import Add, Expr, Mul, S, Sum

from derivations.binders import finite, fresh_index
from derivations.expectation import E, depends
from derivations.hypotheses import Hypothesis
from derivations.laws import Law, Normal
from derivations.normal_form import normal, terms
from derivations.rules.polynomial import degree
from derivations.rules.rule import Rule, everywhere
from derivations.scope import readable


class Linearity(Rule):
    """E(a f + b g) = a E f + b E g, E(c) = c, and E Sum f_i = Sum E f_i for a finite sum.

    Needs: a, b and c free of what is drawn.
    Owes: that each part is integrable, unless it is a polynomial in a normal variable.
    """

    splits_expectations = True

    @property
    def name(self) -> str:
        return "linearity"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _split, E)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        owed = []
        for whole in sorted(normal(expression).atoms(E), key=str):
            parts = everywhere(whole, _split, E).atoms(E)
            if len(parts) > 1 or (parts and whole not in parts):
                named = (readable(p, expression) for p in sorted(parts, key=str) if not _surely(p))
                owed += [_integrable(p) for p in named]
        return tuple(dict.fromkeys(owed))


def _split(expectation: Expr) -> Expr:
    if not isinstance(expectation, E):
        return expectation
    return Add(*(_of_term(term, expectation.law) for term in terms(expectation.body)))


def _of_term(term: Expr, law: Law) -> Expr:
    """E(term), with its constant factors and a finite sum outside."""
    drawn = law.variable
    factors = Mul.make_args(term)
    constant = Mul(*(f for f in factors if not depends(f, drawn)))
    varying = Mul(*(f for f in factors if depends(f, drawn)))
    if varying == 1:
        return constant
    if isinstance(varying, Sum) and len(varying.limits) == 1 and finite(*varying.limits[0][1:]):
        index, lower, upper = varying.limits[0]
        apart = fresh_index(index)
        inside = _split(E(varying.function.xreplace({index: apart}), law))
        return constant * Sum(inside, (apart, lower, upper))
    return constant * E(varying, law) if varying != 0 else S.Zero


def _surely(part: E) -> bool:
    return isinstance(part.law, Normal) and degree(part.body, part.law.variable) is not None


def _integrable(part: E) -> Hypothesis:
    return Hypothesis(f"E|{part.body}| < oo under {part.law}", "linearity")
