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
from derivations.line import Step
from derivations.normal_form import Undefined, normal
from derivations.rules.rule import Rule

PASSES = 4


def proves(above: Expr, step: Step) -> bool:
    """Whether the step's line follows by its rules and arithmetic from the one above."""
    if step.relation == "<=":
        return _at_most(above, step)
    return _equal(above, step.expression, step.rules)


def _at_most(above: Expr, step: Step) -> bool:
    larger = above
    for rule in step.rules:
        larger = rule.raised(larger) if rule.raises else rule.rewrite(larger)
    if _equal(larger, step.expression, step.rules):
        return True
    slack = _difference(step.expression, larger, step.rules)
    return slack is not None and bool(slack.is_nonnegative)


def _equal(left: Expr, right: Expr, rules: Sequence[Rule]) -> bool:
    if not (isinstance(left, Expr) and isinstance(right, Expr)):
        return _same_relation(left, right, rules)
    left, right = rewritten(left, rules), rewritten(right, rules)
    if not _splits_nothing(left, right, rules):
        return False
    return _difference(left, right, ()) == 0


def rewritten(expression: Expr, rules: Sequence[Rule]) -> Expr:
    """`expression` under the rules of equality, in order, until they change nothing."""
    for _ in range(PASSES):
        before = expression
        for rule in rules:
            expression = rule.rewrite(expression)
        if expression == before:
            break
    return expression


def _difference(left: Expr, right: Expr, rules: Sequence[Rule]) -> Expr | None:
    """left - right by arithmetic; None where a side divides by zero."""
    try:
        return merged(rewritten(left, rules) - rewritten(right, rules), normal)
    except Undefined:
        return None


def _splits_nothing(left: Expr, right: Expr, rules: Sequence[Rule]) -> bool:
    """Whether the right side takes no expectation apart, unless a rule for that is cited.

    E(f + g) exists wherever E f and E g do, and not the other way round. So collecting
    is arithmetic, and splitting is `rules.linearity`.
    """
    if any(rule.splits_expectations for rule in rules):
        return True
    try:
        there = normal(left).atoms(E) | merged(left, normal).atoms(E)
        return normal(right).atoms(E) <= there
    except Undefined:
        return False


def _same_relation(left: Boolean, right: Boolean, rules: Sequence[Rule]) -> bool:
    """Whether two relations are one: up to arithmetic and a positive factor."""
    left, right = (rewritten(side, rules) for side in (left, right))
    if left == right:
        return True
    if not (isinstance(left, Relational) and isinstance(right, Relational)):
        return False
    if _kind(left) != _kind(right):
        return False
    try:
        one, other = (normal(_excess(side)) for side in (left, right))
        if one == other:
            return True
        ratio = normal(one / other) if other != 0 else S.Zero
        equality = isinstance(left, Eq | Ne)
        return bool(ratio.is_nonzero if equality else ratio.is_positive)
    except Undefined:
        return False


def _excess(relation: Relational) -> Expr:
    """The larger side minus the smaller one; for an equality, left minus right."""
    if isinstance(relation, Eq | Ne):
        return relation.lhs - relation.rhs
    return relation.gts - relation.lts


def _kind(relation: Relational) -> str:
    return relation.rel_op.replace(">", "<")
