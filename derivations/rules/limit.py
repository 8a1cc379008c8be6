"""The rule `limit`: limits of elementary functions."""

from __future__ import annotations

from sympy import Expr, Limit, S, erf, log
from sympy import exp as exponential
from sympy.core.function import AppliedUndef

from derivations.expectation import E, depends
from derivations.functions import NAMED
from derivations.rules.rule import Rule, everywhere

ELEMENTARY = (exponential, log, erf, *NAMED)


class LimitRule(Rule):
    """Carry out a Limit of sums, products, powers, exp, log, erf and named functions.

    Needs: nothing else in the expression depends on the variable; other factors are
    constants of the limit.
    Owes: nothing.
    """

    @property
    def name(self) -> str:
        return "limit"

    def rewrite(self, expression: Expr) -> Expr:
        return everywhere(expression, _carried_out, Limit)


def _carried_out(limit: Expr) -> Expr:
    if not isinstance(limit, Limit):
        return limit
    body, variable, point, direction = limit.args
    if not _elementary(body, variable):
        return limit
    try:
        found = Limit(_unfolded(body, variable), variable, point, direction).doit()
    except (NotImplementedError, ValueError):  # a sign decides, or a side
        return limit
    settled = found.is_real or found in (S.Infinity, S.NegativeInfinity)
    return found if settled and not found.has(Limit, S.Infinity, S.NaN) else limit


def _unfolded(body: Expr, variable: Expr) -> Expr:
    """`body` with the named functions unfolded where they vary."""
    return everywhere(
        body, lambda f: f.definition() if depends(f, variable) else f, *NAMED
    )


def _elementary(body: Expr, variable: Expr) -> bool:
    if not depends(body, variable) or body == variable:
        return True
    if isinstance(body, AppliedUndef | E):
        return False
    known = body.is_Add or body.is_Mul or body.is_Pow or isinstance(body, ELEMENTARY)
    return known and all(_elementary(a, variable) for a in body.args)
