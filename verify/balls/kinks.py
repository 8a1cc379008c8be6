"""Kinks: where the body of an integral is cut, so that every piece is smooth.

Abs, sign, Max, Min, and the conditions of a Piecewise, change where a polynomial of
degree at most 2 in the variable is zero. Between two such places all of them are
decided, and replaced by what they are there. The places may move with a parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from flint import arb
from sympy import (
    Abs,
    Basic,
    Derivative,
    Expr,
    IndexedBase,
    Integral,
    Limit,
    Max,
    Min,
    Piecewise,
    Product,
    Subs,
    Sum,
    false,
    sign,
    true,
)
from sympy.core.relational import Relational

from derivations.expectation import E
from verify.balls.elementary import unary
from verify.balls.exponential_sum import ExponentialSum
from verify.balls.jets import Jet, moves, still
from verify.balls.outcomes import Blurred, NoEnclosure
from verify.balls.scope import Scope
from verify.balls.value import Value

BINDERS = (E, Integral, Limit, Product, Subs, Sum)
Piece = tuple[Expr, Value | None, Value | None]


@lru_cache(maxsize=1024)
def kinks(body: Basic, label: Basic) -> tuple[Basic, ...]:
    """The nodes to decide in `body`, each with an argument that has `label` in it."""
    return tuple(dict.fromkeys(_kinks(body, label)))


def _kinks(node: Basic, label: Basic) -> Iterator[Basic]:
    hidden = {name for inner in node.atoms(*BINDERS) for name in _bound(inner)}
    if label not in hidden:
        yield from (n for n in _met(node, label) if not n.free_symbols & hidden)


def _bound(node: Basic) -> set[Basic]:
    """The names that a node binds: another thing may have the same name there."""
    if isinstance(node, E):
        return node.law.own_symbols
    if isinstance(node, Subs):
        return {n.label if isinstance(n, IndexedBase) else n for n in node.variables}
    return {node.args[1]} if isinstance(node, Limit) else {x[0] for x in node.limits}


def _met(node: Basic, label: Basic) -> Iterator[Basic]:
    if isinstance(node, BINDERS) or not node.has(label):
        return
    if isinstance(node, Derivative):
        if not any(v.has(label) for v in node.variables):
            yield from _met(node.expr, label)
        return
    if isinstance(node, Piecewise):
        conditions = [c for _, c in node.args if c.has(label)]
        yield from (r for c in conditions for r in c.atoms(Relational) if r.has(label))
        values = [v for v, _ in node.args]
    else:
        values = list(node.args)
        if isinstance(node, Abs | sign) or (
            isinstance(node, Max | Min) and len(values) == 2
        ):
            yield node
    for value in values:
        yield from _met(value, label)


def _compared(node: Basic) -> Expr:
    """What is zero where the node changes."""
    if isinstance(node, Relational | Max | Min):
        return node.args[0] - node.args[1]
    return node.args[0]


_OPPOSITE = {"<": -1, "<=": -1, ">": 1, ">=": 1}


def _replacement(node: Basic, signed: int) -> Basic | None:
    """What the node is where the compared difference has this sign, 0 included."""
    if isinstance(node, Relational):
        if node.rel_op in _OPPOSITE:
            holds = signed == _OPPOSITE[node.rel_op] or (
                signed == 0 and "=" in node.rel_op
            )
        elif node.rel_op in ("==", "!="):
            holds = (signed == 0) == (node.rel_op == "==")
        else:
            return None
        return true if holds else false
    if isinstance(node, Abs):
        return node.args[0] * signed
    if isinstance(node, sign):
        return sign(signed)
    first, second = node.args
    return first if (signed >= 0) == isinstance(node, Max) else second


@lru_cache(maxsize=4096)
def _decided(body: Expr, nodes: tuple[Basic, ...], signs: tuple[int, ...]) -> Expr:
    decided = body
    known = dict(zip(nodes, signs, strict=True))
    for _ in range(len(nodes)):  # one kink may stand inside another
        found = {n: _replacement(n, s) for n, s in known.items() if decided.has(n)}
        if not found:
            break
        decided = decided.xreplace(found)
    return decided


def pieces(
    body: Expr,
    label: Basic,
    at: Callable[[Expr, Value, Scope], Value],
    u: ExponentialSum,
    scope: Scope,
    ends: tuple[Value | None, Value | None],
) -> list[Piece]:
    """(body without kinks, low, high) for every piece of the range; or the body as is.

    at   the value of an expression in a scope, with u in place of the variable
    """
    whole = [(body, *ends)]
    known: dict[Basic, tuple[Value, ...]] = {}
    try:
        for node in kinks(body, label):
            known[node] = _coefficients(at(_compared(node), u, scope))
        return _cut(body, known, *ends) if known else whole
    except NoEnclosure:
        if body.has(Piecewise):
            raise
        return whole  # quadrature can do with some kinks


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
        found.append((_decided(body, nodes, signs), left, right))
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
