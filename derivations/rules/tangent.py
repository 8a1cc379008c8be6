"""The rule `tangent`: a concave function lies below its tangents."""

from __future__ import annotations

from sympy import Derivative, Expr, S, Symbol

from derivations.normal_form import normal
from derivations.rules.definition import Definition
from derivations.rules.differentiate import slope
from derivations.rules.integrate import has_sign_of, smooth, within
from derivations.rules.rule import Rule


class Tangent(Rule):
    """A concave function lies below its tangents: log(x) <= x - 1, the one at x = 1.

    `rules.tangent(x, 1)` gives the tangent at x = 1 of the whole line.

    Needs: the expression is elementary and smooth for all x of its declared sign, so on
    an interval; the second derivative is nonpositive there, by the definitions and
    SymPy's assumptions; the point has that sign.
    Owes: nothing.
    """

    raises = True

    def __init__(self, variable: Symbol, at: Expr) -> None:
        self.variable, self.at = variable, S(at)
        has_sign_of("tangent", variable, self.at)

    @property
    def name(self) -> str:
        return f"tangent at {self.variable} = {self.at}"

    def raised(self, expression: Expr) -> Expr:
        inside = within(self.variable)
        if not smooth(expression, self.variable, inside):
            return expression
        first = slope(expression, self.variable)
        second = normal(Definition().rewrite(slope(first, self.variable)))
        if first.has(Derivative) or second.has(Derivative):
            return expression
        if not normal(second.xreplace({self.variable: inside})).is_extended_nonpositive:
            return expression
        there = {self.variable: self.at}
        return expression.subs(there) + first.subs(there) * (self.variable - self.at)

    def rewrite(self, expression: Expr) -> Expr:
        return expression
