"""Kinks: the nodes of a body that are not smooth, and what they are on either side.

Abs, sign, Max, Min, and the conditions of a Piecewise, change where a difference is
zero. Where its sign is known, each of them is replaced by what it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

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

BINDERS = (E, Integral, Limit, Product, Subs, Sum)


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


def compared(node: Basic) -> Expr:
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
def decided_by(body: Expr, nodes: tuple[Basic, ...], signs: tuple[int, ...]) -> Expr:
    """The body where the differences have these signs."""
    decided = body
    known = dict(zip(nodes, signs, strict=True))
    while found := {n: _replacement(n, s) for n, s in known.items() if decided.has(n)}:
        smaller = decided.xreplace(found)  # one kink may stand inside another
        if smaller == decided:
            break
        decided = smaller
    return decided
