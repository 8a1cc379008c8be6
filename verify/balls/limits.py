"""Limit: by an expansion at the limit point, or by all values near it.

A limit that is written is supposed to exist. So the expansion from one side gives it,
and a ball that contains all values near the point contains it.
"""

from __future__ import annotations

from flint import arb
from sympy import Limit, oo

from verify.balls.elementary import unary
from verify.balls.interval import Interval
from verify.balls.jets import Jet
from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Scope
from verify.balls.series import Series, from_the_right
from verify.balls.value import Value
from verify.balls.walk import head, walk

FAR = 40
"""Near infinity means beyond 2**FAR, near a number within 2**-FAR."""


@head(Limit)
def _limit(node: Limit, scope: Scope) -> Value:
    try:
        return _by_expansion(node, scope)
    except NoEnclosure:
        return _by_enclosure(node, scope)


def _by_expansion(node: Limit, scope: Scope) -> Value:
    body, name, point, side = node.args
    inner = scope.deeper()
    t = from_the_right(inner.level)
    near: Value
    if point in (oo, -oo):
        near = unary("inverse", t if point is oo else -t)
    else:
        near = walk(point, scope) + (-t if str(side) == "-" else t)
    return _limit_of(walk(body, inner.bind(name, near)), inner.level)


def _limit_of(value: Value, level: int) -> Value:
    if isinstance(value, Series) and value.level == level:
        return value.limit()
    if isinstance(value, Jet) and any(isinstance(c, Series) for c in value.parts.values()):
        raise NoEnclosure("a derivative through a limit")
    return value


def _by_enclosure(node: Limit, scope: Scope) -> Value:
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
    if isinstance(value, Jet):
        raise NoEnclosure("a derivative through a limit")
    return value.ball() if isinstance(value, Interval) else value
