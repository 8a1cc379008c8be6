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
from verify.balls.work import OutOfWork

FAR = 40
"""Near infinity means beyond 2**FAR, near a number within 2**-FAR."""


@head(Limit)
def _limit(node: Limit, scope: Scope) -> Value:
    reason = None
    for way in (_by_powers, _by_exponentials, _by_enclosure):
        try:
            return way(node, scope)
        except OutOfWork:
            raise
        except NoEnclosure as none:
            reason = reason or none
    raise reason or NoEnclosure("a limit")


def _by_powers(node: Limit, scope: Scope) -> Value:
    """x is a + t or a - t, or 1/t or -1/t."""
    _, _, point, side = node.args
    inner = scope.deeper()
    t = from_the_right(inner.level)
    if point in (oo, -oo):
        return _expanded(node, unary("inverse", t if point is oo else -t), inner)
    return _expanded(node, walk(point, scope) + (-t if str(side) == "-" else t), inner)


def _by_exponentials(node: Limit, scope: Scope) -> Value:
    """At infinity x is log(1/t) or log(t), so that exp(x) is a power of t."""
    inner = scope.deeper()
    t = unary("log", from_the_right(inner.level))
    if node.args[2] not in (oo, -oo):
        raise NoEnclosure("a limit at a number has one expansion")
    return _expanded(node, -t if node.args[2] is oo else t, inner)


def _expanded(node: Limit, near: Value, inner: Scope) -> Value:
    body, name, _, _ = node.args
    return _limit_of(walk(body, inner.bind(name, near)), inner.level)


def _limit_of(value: Value, level: int) -> Value:
    if isinstance(value, Series) and value.level == level:
        return value.limit()
    if isinstance(value, Jet) and any(
        isinstance(c, Series) for c in value.parts.values()
    ):
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
