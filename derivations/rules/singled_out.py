"""The rule `singled_out`: one term of a sum or product is written beside the others."""

from __future__ import annotations

from sympy import Add, Basic, Expr, Le, Mul, Product, Sum, sympify
from sympy.core.relational import Relational

from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule, everywhere
from derivations.scope import bound_names, free_names


class SingledOut(Rule):
    """A sum from a to b is that from a to j - 1, its term j, and that from j + 1 to b.

    `rules.singled_out(j, (a, b))` does this to every sum, and product, over exactly
    the range a..b. Where j is a or b, no empty rest is written.

    Needs: j is an integer, a <= j by SymPy's assumptions; nothing in the line binds it.
    Owes: j <= b, unless the assumptions say so.
    """

    def __init__(self, j: Expr, range_: tuple[Expr, Expr]) -> None:
        self.j, (self.lower, self.upper) = j, map(sympify, range_)
        if not (j.is_integer and (j - self.lower).is_nonnegative):
            raise ValueError(
                f"singled_out: {j} need not be an integer from {self.lower} on"
            )

    @property
    def name(self) -> str:
        return f"singled_out({self.j})"

    def rewrite(self, expression: Expr) -> Expr:
        own = free_names(self.j) | free_names(self.lower) | free_names(self.upper)
        if own & bound_names(expression):
            return expression
        return everywhere(expression, self._split, Sum, Product)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(
            Hypothesis(f"{p.lhs} <= {p.rhs}", "singled_out", p) for p in self.premises
        )

    @property
    def premises(self) -> tuple[Relational, ...]:
        known = (self.upper - self.j).is_nonnegative
        return () if known else (Le(self.j, self.upper),)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return (self.j,)

    def _split(self, whole: Expr) -> Expr:
        if not isinstance(whole, Sum | Product) or len(whole.limits) != 1:
            return whole
        index, lower, upper = whole.limits[0]
        if (lower, upper) != (self.lower, self.upper):
            return whole
        parts = [whole.function.xreplace({index: self.j})]
        if self.j != lower:
            parts.append(whole.func(whole.function, (index, lower, self.j - 1)))
        if self.j != upper:
            parts.append(whole.func(whole.function, (index, self.j + 1, upper)))
        return Add(*parts) if isinstance(whole, Sum) else Mul(*parts)
