"""The proof of a step: it may say yes, or that it does not know.

Both sides are rewritten by the rules that the step cites, and the difference is brought
to zero by arithmetic. What the cited rules do not license is not done, so a true line
under a rule that does not justify it stays unproved.

Limits: completeness. Two equal expressions may keep different forms; then nothing is
said.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Eq, Expr, Ne, S
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from derivations.binders import merged
from derivations.expectation import E
from derivations.line import Line, Step
from derivations.normal_form import Undefined, normal
from derivations.rules.rule import Rule, raised, rewritten


def proves(above: Line, step: Step) -> bool:
    """Whether the line of the step follows from the one above by its rules."""
    try:
        if step.relation == "<=":
            return _at_most(above, step)
        return _equal(above, step.expression, step.rules)
    except Undefined:  # a side divides by zero
        return False


def _at_most(above: Line, step: Step) -> bool:
    larger = raised(above, step.rules)
    if _equal(larger, step.expression, step.rules):
        return True
    if not (isinstance(larger, Expr) and isinstance(step.expression, Expr)):
        return False
    left, right = (rewritten(side, step.rules) for side in (larger, step.expression))
    if not _splits_nothing(left, right, step.rules):
        return False
    return bool(merged(right - left, normal).is_nonnegative)


def _equal(left: Line, right: Line, rules: Sequence[Rule]) -> bool:
    if not (isinstance(left, Expr) and isinstance(right, Expr)):
        return _same_relation(left, right, rules)
    left, right = rewritten(left, rules), rewritten(right, rules)
    if not _splits_nothing(left, right, rules):
        return False
    return merged(left - right, normal) == 0


def _splits_nothing(left: Expr, right: Expr, rules: Sequence[Rule]) -> bool:
    """Whether the right side takes no expectation apart without a rule that may.

    E(f + g) exists wherever E f and E g do, and not the other way round. So collecting
    is arithmetic, and splitting is `rules.linearity`.
    """
    if any(rule.splits_expectations for rule in rules):
        return True
    there = normal(left).atoms(E) | merged(left, normal).atoms(E)
    return normal(right).atoms(E) <= there


def _same_relation(left: Boolean, right: Boolean, rules: Sequence[Rule]) -> bool:
    """Whether two relations are one: up to arithmetic and a positive factor."""
    left, right = (rewritten(side, rules) for side in (left, right))
    if left == right:
        return True
    if not (isinstance(left, Relational) and isinstance(right, Relational)):
        return False
    if _kind(left) != _kind(right):
        return False
    one, other = (normal(_excess(side)) for side in (left, right))
    if one == other:
        return True
    if S.Zero in (one, other):
        return False
    ratios = normal(one / other), normal(other / one)  # neither may have a pole
    if isinstance(left, Eq | Ne):
        return all(ratio.is_nonzero for ratio in ratios)
    return all(ratio.is_positive for ratio in ratios)


def _excess(relation: Relational) -> Expr:
    """The larger side minus the smaller one; for an equality, left minus right."""
    if isinstance(relation, Eq | Ne):
        return relation.lhs - relation.rhs
    return relation.gts - relation.lts


def _kind(relation: Relational) -> str:
    return relation.rel_op.replace(">", "<")
