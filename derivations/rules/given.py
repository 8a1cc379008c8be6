"""The rule `given`: a step that is claimed only where some relations hold."""

from __future__ import annotations

from sympy import Basic, Expr
from sympy.core.relational import Relational

from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule


class Given(Rule):
    """State what a step supposes: `rules.given(D > 0, D < 1)`. It changes nothing.

    Needs: relations.
    Owes: each relation.
    """

    def __init__(self, *relations: Relational) -> None:
        for relation in relations:
            if not isinstance(relation, Relational):
                raise TypeError(f"given: {relation} is no relation")
        self.relations = relations

    @property
    def name(self) -> str:
        return f"given({', '.join(str(r) for r in self.relations)})"

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(Hypothesis(str(r), "given", r) for r in self.relations)

    @property
    def premises(self) -> tuple[Relational, ...]:
        return self.relations

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return self.relations
