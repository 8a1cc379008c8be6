"""The rule `lemma`: what another derivation shows may be cited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    IndexedBase,
    Limit,
    Mul,
    Subs,
    Symbol,
)

from derivations.rules.rule import Rule
from derivations.rules.substitute import keeps_signs
from derivations.scope import Name, bound_here, bound_names, free_names

if TYPE_CHECKING:
    from derivations.chain import Derivation


class Lemma(Rule):
    """Replace the first line of a derivation by its last.

    Citing a derivation in a step is `rules.lemma(derivation)`; a mapping gives other
    expressions for its free symbols: `rules.lemma(sigmoid_slope, {x: h(G)})`.

    Needs: the derivation is proved too. An inequality applies to terms of the line
    whose other factors are nonnegative. Other expressions have the signs of the symbols
    that they stand for, none is bound or moved by a derivative in the lines, and the
    derivation has no hypothesis beside these signs. What holds under a hypothesis is
    not put inside a derivative or a limit, where it would have to hold nearby, nor
    where one of its names is bound.
    Owes: what the derivation owes.
    """

    def __init__(
        self, derivation: Derivation, values: Mapping[Basic, Basic] | None = None
    ) -> None:
        self.derivation = derivation
        self.values = dict(values or {})
        for symbol, value in self.values.items():
            if not isinstance(symbol, Symbol | IndexedBase):
                raise TypeError(f"lemma: {symbol} is no symbol and no base")
            keeps_signs("lemma", symbol, value)
        lines = (derivation.lhs, derivation.rhs) if self.values else ()
        for taken in sorted(set().union(*map(self._captured, lines)), key=str):
            wrong = f"binds or moves {taken}, which is among the values"
            raise ValueError(f"lemma: {derivation.name} {wrong}")
        if not self.values:
            return  # the hypotheses are not looked at: that takes half a second
        assumed = [h.words for h in derivation.hypotheses if h.rule != "symbols"]
        if assumed:
            rests = f"{derivation.name} rests on {'; '.join(assumed)}"
            raise ValueError(f"lemma: {rests}; cite it as it is")

    @property
    def raises(self) -> bool:  # type: ignore[override]
        return self.derivation.relation == "<="

    @property
    def name(self) -> str:
        return self.derivation.name

    def rewrite(self, expression: Expr) -> Expr:
        if self.raises:
            return expression
        known, shown = self._sides()
        if all(h.rule == "symbols" for h in self.derivation.hypotheses):
            return expression.xreplace({known: shown})
        lines = (step.expression for step in self.derivation.steps)
        names = set().union(*(free_names(line) for line in lines))
        return _at_this_point(expression, known, shown, names)

    def raised(self, expression: Expr) -> Expr:
        if not self.raises:
            return self.rewrite(expression)
        small, large = self._sides()
        return Add(*(_bounded(t, small, large) for t in Add.make_args(expression)))

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        return (self.derivation,)

    @property
    def bindings(self) -> Mapping[Expr, Expr]:
        """The changes of variable that the derivation makes."""
        rules = (rule for step in self.derivation.steps for rule in step.rules)
        return {k: v for rule in rules for k, v in rule.bindings.items()}

    @property
    def introduces(self) -> tuple[Basic, ...]:
        return self._sides()

    def _captured(self, line: Basic) -> set[Name]:
        """The names of the values that `line` binds, or holds still while they move."""
        taken = set().union(*(free_names(value) for value in self.values.values()))
        found = (taken | set(self.values)) & bound_names(line)
        for derivative in line.atoms(Derivative):
            moved = set().union(*(free_names(v) for v in derivative.variables))
            still = free_names(derivative.expr) - moved
            found |= self._worth(moved) & self._worth(still) & taken
        return found

    def _worth(self, names: set[Name]) -> set[Name]:
        """The names that stand where these stood, with the values put in."""
        values = self.values
        return set().union(
            *(free_names(values[n]) if n in values else {n} for n in names)
        )

    def _sides(self) -> tuple[Basic, Basic]:
        """The first and the last line of the derivation, with the values put in."""
        first, last = self.derivation.lhs, self.derivation.rhs
        return (
            first.subs(self.values, simultaneous=True),
            last.subs(self.values, simultaneous=True),
        )


def _at_this_point(
    expression: Basic, known: Expr, shown: Expr, names: set[Name]
) -> Basic:
    """`expression` with `shown` for `known`, but not where one of `names` is moved."""
    if expression == known:
        return shown
    moves = isinstance(expression, Derivative | Limit | Subs)
    if moves or bound_here(expression) & names or not expression.has(known):
        return expression
    return expression.func(
        *(_at_this_point(a, known, shown, names) for a in expression.args)
    )


def _bounded(term: Expr, small: Expr, large: Expr) -> Expr:
    factors = list(Mul.make_args(term))
    if term == small:
        return large
    if small not in factors:
        return term
    factors.remove(small)
    keeps_order = all(f.is_extended_nonnegative for f in factors)
    return Mul(large, *factors) if keeps_order else term
