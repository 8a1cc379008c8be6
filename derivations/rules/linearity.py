"""The rule `linearity`: the expectation of a finite sum is the sum of expectations."""

from __future__ import annotations

from sympy import Add, Expr, S, Sum

from derivations.binders import apart, fresh_index, one_finite_sum
from derivations.expectation import E
from derivations.hypotheses import Hypothesis
from derivations.laws import Law, Normal
from derivations.normal_form import normal, terms
from derivations.rules.polynomial import degree
from derivations.rules.rule import Rule, everywhere
from derivations.scope import readable


class Linearity(Rule):
    """E(a f + b g) = a E f + b E g, E(c) = c, E Sum f_i = Sum E f_i for a finite sum.

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
                doubtful = (p for p in sorted(parts, key=str) if not _surely(p))
                owed += [_integrable(readable(p, expression)) for p in doubtful]
        return tuple(dict.fromkeys(owed))


def _split(expectation: Expr) -> Expr:
    if not isinstance(expectation, E):
        return expectation
    return Add(*(_of_term(term, expectation.law) for term in terms(expectation.body)))


def _of_term(term: Expr, law: Law) -> Expr:
    """E(term), with its constant factors and a finite sum outside."""
    drawn = law.variable
    constant, varying = apart(term, drawn)
    if varying == 1:
        return constant
    if one_finite_sum(varying):
        index, lower, upper = varying.limits[0]
        place = fresh_index(index)
        inside = _split(E(varying.function.xreplace({index: place}), law))
        return constant * Sum(inside, (place, lower, upper))
    return constant * E(varying, law) if varying != 0 else S.Zero


def _surely(part: E) -> bool:
    known = degree(part.body, part.law.variable)
    return isinstance(part.law, Normal) and known is not None


def _integrable(part: E) -> Hypothesis:
    return Hypothesis(f"E|{part.body}| < oo under {part.law}", "linearity")
