"""The expectation under a normal law.

nodes      the body is a polynomial in what is drawn: an exact Gauss rule
integrals  one coordinate is seen, or all of them in a closed form
parts      else the body is split into terms, and into factors that see different
           coordinates
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from math import inf

from flint import arb
from sympy import Abs, Add, Basic, Expr, IndexedBase, Mul, Sum

from derivations.laws import Normal
from verify.balls.closed_form import finite, integral
from verify.balls.degree import Degree
from verify.balls.drawn import label_of, mean_and_sigma
from verify.balls.elementary import unary
from verify.balls.exponential_sum import variable
from verify.balls.gauss_hermite import nodes
from verify.balls.integrals import integrate
from verify.balls.jets import Jet, still
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.scope import Scope, Vector
from verify.balls.value import Value
from verify.balls.walk import integer, walk
from verify.balls.work import OutOfWork

MOST_NODES = 4096
HIGHEST_DEGREE = 40
SEVERAL = "an expectation over several coordinates at once"


def weighted_sum(pairs: Iterable[tuple[Value, Value]]) -> Value:
    """The sum of weight times value."""
    total = arb(0)
    for weight, value in pairs:
        total = total + value * weight
    return total


class _Recorder(Vector):
    """Coordinates of degree 1 that remember which of them were seen."""

    __slots__ = ("seen",)

    def __init__(self, length: int) -> None:
        super().__init__(length, {})
        self.seen: set[int] = set()

    def __getitem__(self, index: int) -> Degree:
        self.seen.add(index)
        return Degree(1)

    def replaced(self, index: int, value: Value) -> Vector:
        kept = {i: self[i] for i in range(1, self.length + 1)}
        return Vector(self.length, {**kept, index: value})


def normal(body: Expr, law: Normal, scope: Scope) -> Value:
    """The expectation; NoEnclosure where none of the ways applies."""
    label = label_of(law.variable)
    length = scope.lengths[label] if isinstance(law.variable, IndexedBase) else None
    degree, seen = _seen(body, label, length, scope)
    where = {i: mean_and_sigma(law, i, scope) for i in seen}

    def at(piece: Expr, ordinates: dict[int, Value], inner: Scope) -> Value:
        drawn = {i: where[i][0] + where[i][1] * t for i, t in ordinates.items()}
        value = drawn[0] if length is None else Vector(length, drawn)
        return walk(piece, inner.bind(label, value))

    if degree <= HIGHEST_DEGREE:
        rule = nodes(int(degree) // 2 + 1, scope.bits)
        if len(rule) ** len(seen) <= MOST_NODES:
            return weighted_sum(_tensor(rule, seen, lambda t: at(body, t, scope)))
    if len(seen) != 1:
        try:
            return _closed(body, seen, at, scope)
        except OutOfWork:
            raise
        except (NoEnclosure, Undefined):
            return _split(body, law, scope)
    (only,) = seen

    def weighted(piece: Expr, t: Value, inner: Scope) -> Value:
        return at(piece, {only: t}, inner) * _density(t)

    def bare(piece: Expr, t: Value, inner: Scope) -> Value:
        return at(piece, {only: t}, inner)

    drawn = label if length is None else law.variable
    return integrate(body, drawn, weighted, (None, None), scope, bare=bare)


def _density(t: Value) -> Value:
    return unary("exp", t * t * (arb(-1) / 2)) * (2 * arb.pi()).rsqrt()


def _closed(body: Expr, seen: list[int], at: Callable, scope: Scope) -> Value:
    """Every coordinate has a layer in its place, and is integrated out in turn."""
    ordinates = {}
    for i in seen:
        scope = scope.deeper()
        ordinates[i] = variable(scope.level)
    value = at(body, ordinates, scope)
    for i in reversed(seen):
        t = ordinates[i]
        value = finite(integral(value * _density(t), None, None, t.level))
    return value


def _tensor(rule: tuple, seen: list[int], at: Callable) -> Iterator[tuple[arb, Value]]:
    for choice in product(rule, repeat=len(seen)):
        weight = arb(1)
        for _, w in choice:
            weight = weight * w
        yield weight, at({i: t for i, (t, _) in zip(seen, choice, strict=True)})


def _seen(
    body: Expr, label: Basic, length: int | None, scope: Scope
) -> tuple[float, list[int]]:
    """The degree of the body in what is drawn, and the coordinates that it sees."""
    still_scope = scope.changed(still)
    recorder: _Recorder | None
    drawn: Value
    if length is None:
        recorder, drawn = None, Degree(1)
    else:
        drawn = recorder = _Recorder(length)
    try:
        degree = _degree(walk(body, still_scope.bind(label, drawn)))
    except OutOfWork:
        raise
    except (NoEnclosure, Undefined):
        if recorder is not None and length != 1:
            raise
        return inf, [0 if recorder is None else 1]
    return degree, [0] if recorder is None else sorted(recorder.seen)


def _degree(value: Value) -> float:
    if isinstance(value, Jet):
        return max((_degree(c) for c in value.parts.values()), default=0)
    return value.own if isinstance(value, Degree) else 0


def _split(body: Expr, law: Normal, scope: Scope) -> Value:
    """A sum term by term, a product by factors that see different coordinates.

    Every term has a finite expectation, and so has the sum; independent factors too.
    """
    if isinstance(body, Add):
        parts = [normal(term, law, scope) for term in body.args]
        return sum(parts[1:], parts[0])
    if isinstance(body, Sum) and len(body.limits) == 1:
        index, low, high = body.limits[0]
        rows = range(integer(low, scope), integer(high, scope) + 1)
        parts = [normal(body.function, law, scope.bind(index, i)) for i in rows]
        return sum(parts[1:], parts[0])
    if isinstance(body, Mul):
        return _factors(body, law, scope)
    if isinstance(body, Abs):
        return _size(body.args[0], law, scope)
    raise NoEnclosure(SEVERAL)


def _factors(body: Mul, law: Normal, scope: Scope) -> Value:
    label = label_of(law.variable)
    groups: list[tuple[set[int], Expr]] = []
    for factor in body.args:
        own: set[int] = set()
        if factor.has(label):
            own = set(_seen(factor, label, scope.lengths[label], scope)[1])
        joined, kept = factor, []
        for others, rest in groups:
            if own & others:
                own, joined = own | others, joined * rest
            else:
                kept.append((others, rest))
        groups = [*kept, (own, joined)]
    if len(groups) == 1:
        raise NoEnclosure(SEVERAL)
    total: Value = arb(1)
    for own, factor in groups:
        total = total * (normal if own else _constant)(factor, law, scope)
    return total


def _constant(factor: Expr, law: Normal, scope: Scope) -> Value:
    return walk(factor, scope)


def _size(inner: Expr, law: Normal, scope: Scope) -> arb:
    """abs(E f) <= E abs(f) <= sqrt(E f**2)."""
    low, square = (normal(f, law, scope) for f in (inner, inner**2))
    if not (isinstance(low, arb) and isinstance(square, arb)):
        raise NoEnclosure(SEVERAL)
    return abs(low).lower().union(abs(square).upper().sqrt())
