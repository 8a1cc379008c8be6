"""Pieces: the range of an integral, cut where its body has a kink.

A kink is where a polynomial of degree at most 2 in the variable is zero. Such a place
may move with a parameter, and carries its derivatives then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from flint import arb
from sympy import Basic, Expr, Piecewise

from verify.balls.elementary import unary
from verify.balls.exponential_sum import ExponentialSum
from verify.balls.jets import Jet, moves, still
from verify.balls.kinks import compared, decided_by, kinks
from verify.balls.outcomes import Blurred, NoEnclosure
from verify.balls.scope import Scope
from verify.balls.value import Value

Piece = tuple[Expr, Value | None, Value | None]


def pieces(
    body: Expr,
    label: Basic,
    at: Callable[[Expr, Value, Scope], Value],
    u: ExponentialSum,
    scope: Scope,
    ends: Sequence[Value | None],
) -> list[Piece]:
    """(body without kinks, low, high) for every piece of the range; or the body as is.

    at   the value of an expression in a scope, with u in place of the variable
    """
    known: dict[Basic, tuple[Value, ...]] = {}
    unknown = kinks(body, label)
    try:
        for node in unknown:
            with suppress(NoEnclosure):  # one kink may stand inside another
                known[node] = _coefficients(at(compared(node), u, scope))
        if not known:
            return [(body, *ends)]
        found = _cut(body, known, *ends)
    except NoEnclosure:
        if body.has(Piecewise):
            raise
        return [(body, *ends)]  # quadrature can do with some kinks
    if len(known) == len(unknown):
        return found
    return [
        piece
        for b, *between in found
        for piece in pieces(b, label, at, u, scope, between)
    ]


def _cut(
    body: Expr,
    known: dict[Basic, tuple[Value, ...]],
    low: Value | None,
    high: Value | None,
) -> list[Piece]:
    if low is not None and high is not None and not still(low) < still(high):
        raise NoEnclosure("a range from right to left")
    cuts = _between([r for p in known.values() for r in _roots(p)], low, high)
    nodes, found = tuple(known), []
    for left, right in zip([low, *cuts], [*cuts, high], strict=True):
        middle = _inside(left, right)
        signs = tuple(_sign(known[node], middle) for node in nodes)
        found.append((decided_by(body, nodes, signs), left, right))
    return found


def _coefficients(value: Value) -> tuple[Value, ...]:
    """c_0, c_1, c_2 of a polynomial in the variable, without leading zeros."""
    parts = value.parts if isinstance(value, Jet) else {0: value}
    found: list[Value] = [arb(0)] * 3
    for mask, part in parts.items():
        p = part.polynomial if isinstance(part, ExponentialSum) else {0: part}
        if p is None or not set(p) <= {0, 1, 2}:
            raise NoEnclosure("a condition that is not quadratic in the variable")
        for n, c in p.items():
            if not isinstance(c, arb):
                raise NoEnclosure("a condition whose coefficients are not numbers")
            found[int(n)] = found[int(n)] + (Jet({mask: c}) if mask else c)
    while len(found) > 1 and not moves(found[-1]) and still(found[-1]) == 0:
        found.pop()
    lead = still(found[-1])
    if len(found) > 1 and not (lead > 0 or lead < 0):
        raise Blurred("a condition whose degree is not certain")
    return tuple(found)


def _roots(p: tuple[Value, ...]) -> list[Value]:
    if len(p) == 1:
        return []
    if len(p) == 2:
        return [-(p[0] * unary("inverse", p[1]))]
    c, b, a = p
    inside = b * b - a * c * 4
    size = still(inside)
    if size < 0:
        return []
    if not size > 0:
        if size == 0 and not moves(inside):
            return []
        raise Blurred("whether a condition changes is not certain")
    root, half = unary("sqrt", inside), unary("inverse", a * 2)
    return [(-b - root) * half, (root - b) * half]


def _between(cuts: list[Value], low: Value | None, high: Value | None) -> list[Value]:
    """The cuts inside the range, in order; each once."""
    found: list[Value] = []
    for cut in cuts:
        if low is not None and not _less(low, cut):
            continue
        if high is not None and not _less(cut, high):
            continue
        place = 0
        for other in found:
            if _equal(cut, other):
                break
            place += _less(other, cut)
        else:
            found.insert(place, cut)
    return found


def _less(left: Value, right: Value) -> bool:
    """Certainly less, or certainly not; where they meet, neither may move."""
    a, b = still(left), still(right)
    if a < b:
        return True
    if a > b or (_equal(left, right) and not (moves(left) or moves(right))):
        return False
    raise Blurred("two ends of pieces cannot be told apart")


def _equal(left: Value, right: Value) -> bool:
    return bool(still(left) == still(right)) and not moves(left - right)


def _inside(low: Value | None, high: Value | None) -> arb:
    """A number certainly between the two."""
    left, right = still(low), still(high)
    if left is None and right is None:
        return arb(0)
    if left is None:
        found = right.mid() - 1
    elif right is None:
        found = left.mid() + 1
    else:
        found = ((left + right) / 2).mid()
    if (left is None or left < found) and (right is None or found < right):
        return found
    raise Blurred("two ends of pieces cannot be told apart")


def _sign(p: tuple[Value, ...], at: arb) -> int:
    value = arb(0)
    for c in reversed(p):
        value = value * at + still(c)
    if value > 0 or value < 0:
        return 1 if value > 0 else -1
    if len(p) == 1 and value == 0 and not moves(p[0]):
        return 0
    raise Blurred("the sign of a condition is not certain")
