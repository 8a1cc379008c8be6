"""What a rule is: a named move, with what it needs and what it leaves owed.

A rule rewrites an expression into an equal one. A rule of inequality (`raises` is true)
also has `raised`, which gives something that is at least as large. A rule does nothing
where its needs are not met: then the step that cites it is not proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sympy import Basic, Expr
from sympy.core.relational import Relational

from derivations.hypotheses import Hypothesis

if TYPE_CHECKING:
    from derivations.chain import Derivation


class Rule:
    """One named move. A subclass says in its docstring what it does, needs and owes."""

    raises = False
    splits_expectations = False

    @property
    def name(self) -> str:
        """How a step's reader sees the rule."""
        return type(self).__name__

    def rewrite(self, expression: Expr) -> Expr:
        """An expression that equals `expression` under the rule's hypotheses."""
        return expression

    def raised(self, expression: Expr) -> Expr:
        """An expression that is at least `expression`."""
        return self.rewrite(expression)

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        """What has to hold for the rule to apply to `expression`."""
        return ()

    @property
    def premises(self) -> tuple[Relational, ...]:
        """Relations that are taken as given: numbers are tried only where they hold."""
        return ()

    @property
    def bindings(self) -> Mapping[Expr, Expr]:
        """Changes of variable: the key is worth the value on every line."""
        return {}

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        """The derivations that the rule cites: they have to be proved too."""
        return ()

    @property
    def introduces(self) -> tuple[Basic, ...]:
        """Expressions whose names a line may use from here on."""
        return (*self.bindings.keys(), *self.bindings.values(), *self.premises)

    def __repr__(self) -> str:
        return f"rules.{self.name}"


PASSES = 4


def rewritten(expression: Expr, rules: Sequence[Rule]) -> Expr:
    """`expression` under the rules of equality, in order, until they change nothing."""
    for _ in range(PASSES):
        before = expression
        for rule in rules:
            expression = rule.rewrite(expression)
        if expression == before:
            break
    return expression


def raised(expression: Expr, rules: Sequence[Rule]) -> Expr:
    """`expression` under the rules, in order, each of inequality making it larger."""
    for rule in rules:
        act = rule.raised if rule.raises else rule.rewrite
        expression = act(expression)
    return expression


def owed(above: Expr, below: Expr, rules: Sequence[Rule]) -> list[Hypothesis]:
    """What the rules leave owed on the way on which a step is proved."""
    found: list[Hypothesis] = []
    larger = above
    for rule in rules:
        found += rule.owes(larger)
        larger = raised(larger, [rule])
    equalities = [rule for rule in rules if not rule.raises]
    for line in (above, larger, below):
        changed = line
        for _ in range(PASSES):
            before = changed
            for rule in equalities:
                found += rule.owes(changed)
                changed = rule.rewrite(changed)
            if changed == before:
                break
    return found


def everywhere(expression: Expr, change: Callable[[Expr], Expr], *heads: type) -> Expr:
    """`change` applied to every subexpression of the given heads, innermost first."""
    if not expression.args or not expression.has(*heads):
        return expression
    rebuilt = expression.func(
        *(
            everywhere(a, change, *heads) if isinstance(a, Basic) else a
            for a in expression.args
        )
    )
    return change(rebuilt) if isinstance(rebuilt, heads) else rebuilt
