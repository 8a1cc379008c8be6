"""The rule `increasing`: an increasing function keeps the order, and has an inverse."""

from __future__ import annotations

from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from derivations.normal_form import normal
from derivations.rules.definition import Definition
from derivations.rules.differentiate import slope
from derivations.rules.integrate import smooth, within
from derivations.rules.logarithms import Logarithms
from derivations.rules.rule import Rule, everywhere


class Increasing(Rule):
    """f(u) <= c iff u <= y, where f(y) = c: `rules.increasing(f(x), x, y)`.

    The same for <, >=, > and =. Also f(u) <= f(w) iff u <= w.

    Needs: f is elementary and f' > 0 for every x of its declared sign, by SymPy's
    assumptions; f(y) = c by the definitions, logarithms and arithmetic.
    Owes: nothing.
    """

    def __init__(self, f: Expr, x: Symbol, y: Expr) -> None:
        self.f, self.x, self.y = f, x, y
        rising = normal(Definition().rewrite(slope(f, x)).xreplace({x: within(x)}))
        if not (x.is_real and smooth(f, x, within(x)) and rising.is_positive):
            raise ValueError(f"increasing: {f} is not known to increase in {x}")
        if not y.is_real or (x.is_positive and not y.is_positive):
            place = f"where {f} is defined"
            raise ValueError(f"increasing: {y} is not known to lie {place}")

    @property
    def name(self) -> str:
        return f"increasing({self.f})"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, self._undone, Relational)

    @property
    def introduces(self) -> tuple[Expr, ...]:
        return (self.y,)

    def _undone(self, relation: Relational) -> Relational:
        value = self.f.xreplace({self.x: self.y})
        for side, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
            inner = self._inner(side)
            if inner is not None and same(other, value):
                ends = (inner, self.y) if side == relation.lhs else (self.y, inner)
                return Eq(*ends) if isinstance(relation, Eq) else relation.func(*ends)
        return relation

    def _inner(self, side: Expr) -> Expr | None:
        """The u of f(u), where the head of f is one function."""
        if side.func != self.f.func or self.f.args != (self.x,):
            return None
        inner = side.args[0]
        there = inner.is_real and (inner.is_positive or not self.x.is_positive)
        return inner if there else None


def same(one: Expr, other: Expr) -> bool:
    """Whether two expressions are one by the definitions, logarithms and arithmetic."""
    difference = one - other
    for rule in (Definition(), Logarithms()):
        difference = rule.rewrite(difference)
    return bool(normal(difference) == 0)
