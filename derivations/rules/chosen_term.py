"""What `one_term` and `singled_out` share: an index chosen from the range of a sum."""

from __future__ import annotations

from sympy import Basic, Expr, Le, sympify
from sympy.core.relational import Relational

from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule
from derivations.scope import bound_names, free_names


class ChosenTerm(Rule):
    """A rule about the term j of the sums from a to b.

    Needs: j is an integer, a <= j by SymPy's assumptions; nothing in the line binds a
    name of theirs.
    Owes: j <= b, unless the assumptions say so.
    """

    word = ""

    def __init__(self, j: Expr, range_: tuple[Expr, Expr]) -> None:
        self.j, (self.lower, self.upper) = j, map(sympify, range_)
        if not (j.is_integer and (j - self.lower).is_nonnegative):
            raise ValueError(
                f"{self.word}: {j} need not be an integer from {self.lower} on"
            )

    @property
    def name(self) -> str:
        return f"{self.word}({self.j})"

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(
            Hypothesis(f"{p.lhs} <= {p.rhs}", self.word, p) for p in self.premises
        )

    @property
    def premises(self) -> tuple[Relational, ...]:
        known = (self.upper - self.j).is_nonnegative
        return () if known else (Le(self.j, self.upper),)

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return (self.j,)

    def captured(self, expression: Basic) -> bool:
        """Whether the line binds a name of j, a or b."""
        own = free_names(self.j) | free_names(self.lower) | free_names(self.upper)
        return bool(own & bound_names(expression))
