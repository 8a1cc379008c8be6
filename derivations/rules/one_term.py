"""The rule `one_term`: a sum of nonnegative terms is at least each of its terms."""

from __future__ import annotations

from sympy import Add, Basic, Expr, Le, Mul, Sum, sympify
from sympy.core.relational import Relational

from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule
from derivations.scope import bound_names, free_names


class OneTerm(Rule):
    """-Sum(f(i), (i, a, b)) <= -f(j) for f >= 0: `rules.one_term(j, (a, b))`.

    It acts on the terms of the line that are a nonpositive number times one such sum.

    Needs: f is real and nonnegative, and the other factors nonpositive, by SymPy's
    assumptions; j is an integer, a <= j; nothing in the line binds a name of theirs.
    Owes: j <= b, unless the assumptions say so.
    """

    raises = True

    def __init__(self, j: Expr, range_: tuple[Expr, Expr]) -> None:
        self.j, (self.lower, self.upper) = j, map(sympify, range_)
        if not (j.is_integer and (j - self.lower).is_nonnegative):
            raise ValueError(
                f"one_term: {j} need not be an integer from {self.lower} on"
            )

    @property
    def name(self) -> str:
        return f"one_term({self.j})"

    def rewrite(self, expression: Expr) -> Expr:
        return expression

    def raised(self, expression: Expr) -> Expr:
        own = free_names(self.j) | free_names(self.lower) | free_names(self.upper)
        if own & bound_names(expression):
            return expression
        return Add(*(self._bounded(term) for term in Add.make_args(expression)))

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(
            Hypothesis(f"{p.lhs} <= {p.rhs}", "one_term", p) for p in self.premises
        )

    @property
    def premises(self) -> tuple[Relational, ...]:
        known = (self.upper - self.j).is_nonnegative
        return () if known else (Le(self.j, self.upper),)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return (self.j,)

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
