"""The value of an expression at a point, and the truth of a statement."""

from __future__ import annotations

import flint
from flint import arb
from sympy import Expr
from sympy.logic.boolalg import Boolean

from verify.balls.outcomes import Blurred, NoEnclosure
from verify.balls.point import Point
from verify.balls.truth import truth
from verify.balls.walk import walk
from verify.balls.work import Work


def evaluate(
    expression: Expr, point: Point, *, bits: int = 128, work: Work | None = None
) -> arb:
    """A ball that contains the value at the point; raises NoEnclosure or Undefined."""
    with flint.ctx.workprec(bits):
        value = walk(expression, point.scope(bits, work))
    if not isinstance(value, arb):
        raise NoEnclosure(f"{type(value).__name__} is not a real ball")
    if not value.is_finite():
        raise Blurred("the ball is not finite")
    return value


def holds(
    statement: Boolean, point: Point, *, bits: int = 128, work: Work | None = None
) -> bool | None:
    """Certainly true, certainly false, or None; raises NoEnclosure or Undefined."""
    with flint.ctx.workprec(bits):
        return truth(statement, point.scope(bits, work))
