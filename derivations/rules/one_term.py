"""The rule `one_term`: a sum of nonnegative terms is at least each of its terms."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Sum

from derivations.rules.chosen_term import ChosenTerm


class OneTerm(ChosenTerm):
    """-Sum(f(i), (i, a, b)) <= -f(j) for f >= 0: `rules.one_term(j, (a, b))`.

    It acts on the terms of the line that are a nonpositive number times one such sum.

    Needs: f is real and nonnegative, and the other factors nonpositive, by SymPy's
    assumptions; j is an integer, a <= j; nothing in the line binds a name of theirs.
    Owes: j <= b, unless the assumptions say so.
    """

    raises = True
    word = "one_term"

    def rewrite(self, expression: Expr) -> Expr:
        return expression

    def raised(self, expression: Expr) -> Expr:
        if self.captured(expression):
            return expression
        return Add(*(self._bounded(term) for term in Add.make_args(expression)))

    def _bounded(self, term: Expr) -> Expr:
        sums = [
            f for f in Mul.make_args(term) if isinstance(f, Sum) and len(f.limits) == 1
        ]
        if len(sums) != 1:
            return term
        (total,) = sums
        scale = Mul(*(f for f in Mul.make_args(term) if f != total))
        index, lower, upper = total.limits[0]
        if (lower, upper) != (self.lower, self.upper):
            return term
        if not (total.function.is_nonnegative and scale.is_nonpositive):
            return term
        return scale * total.function.xreplace({index: self.j})
