"""The rule `singled_out`: one term of a sum or product is written beside the others."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Product, Sum

from derivations.rules.chosen_term import ChosenTerm
from derivations.rules.rule import everywhere


class SingledOut(ChosenTerm):
    """A sum from a to b is that from a to j - 1, its term j, and that from j + 1 to b.

    `rules.singled_out(j, (a, b))` does this to every sum, and product, over exactly
    the range a..b. Where j is a or b, no empty rest is written.

    Needs: j is an integer, a <= j by SymPy's assumptions; nothing in the line binds it.
    Owes: j <= b, unless the assumptions say so.
    """

    word = "singled_out"

    def rewrite(self, expression: Expr) -> Expr:
        if self.captured(expression):
            return expression
        return everywhere(expression, self._split, Sum, Product)

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
