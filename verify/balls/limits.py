"""Limit: the values near the limit point enclose the limit, if it exists."""

from __future__ import annotations

from flint import arb
from sympy import Limit, oo

from verify.balls.interval import Interval
from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Scope
from verify.balls.walk import head, walk

FAR = 40
"""Near infinity means beyond 2**FAR, near a number within 2**-FAR."""


@head(Limit)
def _limit(node: Limit, scope: Scope) -> arb:
    body, name, point, side = node.args
    far = arb(2) ** FAR
    if point is oo:
        near = Interval(far, arb.pos_inf())
    elif point is -oo:
        near = Interval(arb.neg_inf(), -far)
    else:
        at = walk(point, scope)
        if not isinstance(at, arb):
            raise NoEnclosure("a limit at a point that moves")
        ends = (at - 1 / far, at) if str(side) == "-" else (at, at + 1 / far)
        near = Interval(*ends)
    value = walk(body, scope.bind(name, near))
    return value.ball() if isinstance(value, Interval) else value
