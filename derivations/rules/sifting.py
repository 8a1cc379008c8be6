"""The rule `sifting`: a Kronecker delta picks one term out of a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import (
    Add,
    Basic,
    Expr,
    KroneckerDelta,
    Le,
    Mul,
    S,
    Sum,
    Symbol,
    expand_mul,
)
from sympy.core.relational import Relational

from derivations.binders import finite
from derivations.hypotheses import Hypothesis
from derivations.rules.rule import Rule
from derivations.scope import bound_here, bound_names

Ends = tuple[Expr, Expr] | None
Ranges = Mapping[Symbol, Ends]  # what is bound around, with its range


class Sifting(Rule):
    """Sum(delta(i, j) f(j), (j, a, b)) = f(i).

    This is what a diagonal matrix does in a product of matrices.

    Needs: i lies between a and b: by SymPy's assumptions, because a sum around this one
    runs i over the same range, or by a premise `rules.sifting(Le(i, b))`.
    Owes: the premises.
    """

    def __init__(self, *premises: Le) -> None:
        for premise in premises:
            if not isinstance(premise, Le):
                raise TypeError(f"sifting: {premise} is no Le(index, upper limit)")
        self._premises = premises

    @property
    def name(self) -> str:
        return "sifting"

    def __call__(self, *premises: Le) -> Sifting:
        return Sifting(*self._premises, *premises)

    def rewrite(self, expression: Expr) -> Expr:
        return self._sifted(expression, {})

    def owes(self, expression: Expr) -> tuple[Hypothesis, ...]:
        return tuple(
            Hypothesis(f"{p.lhs} <= {p.rhs}", "sifting", p) for p in self._premises
        )

    @property
    def premises(self) -> tuple[Relational, ...]:
        return self._premises

    def _sifted(self, expression: Basic, around: Ranges) -> Basic:
        if not expression.has(KroneckerDelta):
            return expression
        if isinstance(expression, Sum) and all(
            len(limit) == 3 for limit in expression.limits
        ):
            return self._of_sum(expression.function, expression.limits, around)
        inside = _within_binder(around, bound_here(expression))
        return expression.func(*(self._sifted(a, inside) for a in expression.args))

    def _of_sum(self, body: Expr, limits: Sequence[tuple], around: Ranges) -> Expr:
        """The sum over `limits`, of which SymPy has the innermost first."""
        *inner, (index, lower, upper) = limits
        inside = _within_binder(around, {index})
        ranged = inside | {index: (lower, upper)}
        body = (
            self._of_sum(body, inner, ranged) if inner else self._sifted(body, ranged)
        )
        parts = [body]
        if finite(lower, upper):
            parts = Add.make_args(expand_mul(body, deep=False))
        return Add(
            *(self._of_term(part, (index, lower, upper), inside) for part in parts)
        )

    def _of_term(self, term: Expr, limits: tuple, around: Ranges) -> Expr:
        index, lower, upper = limits
        factors = Mul.make_args(term)
        for delta in factors:
            if not isinstance(delta, KroneckerDelta) or len(delta.args) != 2:
                continue
            others = [a for a in delta.args if a != index]
            if len(others) != 1 or others[0].has(index):
                continue
            (place,) = others
            rest = Mul(*(f for f in factors if f != delta))
            captured = (place.free_symbols | {index}) & bound_names(rest)
            if not captured and self._within(place, lower, upper, around):
                return rest.xreplace({index: place})
        return Sum(term, limits) if term != 0 else S.Zero

    def _within(self, place: Expr, lower: Expr, upper: Expr, around: Ranges) -> bool:
        if place.is_integer is not True:
            return False
        if around.get(place) == (lower, upper):
            return True
        free = not (place.free_symbols | upper.free_symbols) & set(around)
        known = free and any(p.args == (place, upper) for p in self._premises)
        return bool((place - lower).is_nonnegative) and (
            known or bool((upper - place).is_nonnegative)
        )


def _within_binder(around: Ranges, own: set[Basic]) -> dict[Symbol, Ends]:
    """What is bound inside a binder of the names `own`; ranges with these are lost."""
    kept = {
        i: None if ends is None or any(end.free_symbols & own for end in ends) else ends
        for i, ends in around.items()
    }
    return kept | dict.fromkeys(own)
