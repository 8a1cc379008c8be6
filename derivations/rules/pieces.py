"""The rule `pieces`: the expectation of a function that is given piece by piece."""

from __future__ import annotations

from sympy import Expr, Integral, Piecewise, S, Symbol, oo
from sympy.core.relational import StrictGreaterThan, StrictLessThan

from derivations.expectation import E, depends
from derivations.laws import Law, Normal, Uniform
from derivations.normal_form import normal
from derivations.rules.rule import Rule, everywhere
from derivations.scope import bound_names, free_names


class Pieces(Rule):
    """E of what is f below a threshold c and g from c on is an integral for each piece.

    The integrals are taken against the density of the law, uniform on (0, 1) or normal.
    The threshold itself is one point, and has no probability.

    Needs: every Piecewise of the body is Piecewise((f, u < c), (g, True)) with one and
    the same c, free of u and of what the body binds; for the uniform law 0 <= c <= 1,
    for the normal one sigma > 0, by SymPy's assumptions.
    Owes: nothing; the integral over each piece exists where the expectation does.
    """

    @property
    def name(self) -> str:
        return "pieces"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _piece_by_piece, E)


def _piece_by_piece(expectation: Expr) -> Expr:
    if not isinstance(expectation, E) or not isinstance(
        expectation.law, Normal | Uniform
    ):
        return expectation
    body, law = expectation.args
    drawn = law.variable
    choices = body.atoms(Piecewise)
    thresholds = {_threshold(choice, drawn) for choice in choices}
    if len(thresholds) != 1 or None in thresholds or not isinstance(drawn, Symbol):
        return expectation
    (threshold,) = thresholds
    if bound_names(body) & {drawn, *free_names(threshold)}:
        return expectation  # it is another variable that the threshold cuts
    range_ = _range(law, threshold)
    if range_ is None:
        return expectation
    lower, upper, density = range_
    below, above = (
        body.xreplace({choice: choice.args[side].expr for choice in choices}) * density
        for side in (0, 1)
    )
    return Integral(below, (drawn, lower, threshold)) + Integral(
        above, (drawn, threshold, upper)
    )


def _threshold(choice: Piecewise, drawn: Symbol) -> Expr | None:
    """The c of Piecewise((f, drawn < c), (g, True)); None for any other."""
    if len(choice.args) != 2 or choice.args[1].cond is not S.true:
        return None
    condition = choice.args[0].cond
    if (
        not isinstance(condition, StrictLessThan | StrictGreaterThan)
        or condition.lts != drawn
    ):
        return None
    nested = any(piece.expr.has(Piecewise) for piece in choice.args)
    return None if nested or depends(condition.gts, drawn) else condition.gts


def _range(law: Law, threshold: Expr) -> tuple[Expr, Expr, Expr] | None:
    """The ends of the law's range and its density; None where a need is not met."""
    if isinstance(law, Uniform):
        inside = threshold.is_nonnegative and normal(1 - threshold).is_nonnegative
        return (S.Zero, S.One, S.One) if inside else None
    if not (threshold.is_real and law.sigma.is_positive):
        return None
    return -oo, oo, law.density(law.variable)
