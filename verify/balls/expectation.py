"""E(body, law): an exact finite average, an exact Gauss rule, or a certified integral.

atoms        a law known by name is discrete; a normal variable that only undefined
             functions see is cut into pieces, on which they are unrelated functions
nodes        the body is a polynomial in what is drawn from a normal law
quadrature   one coordinate is seen, and the tails have a certificate
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from flint import arb
from sympy import Add, Basic, Derivative, Expr, Indexed, IndexedBase, Mul, Sum, Symbol
from sympy.core.function import AppliedUndef

from derivations.expectation import E
from derivations.laws import Law, Normal, Uniform
from verify.balls.degree import Degree
from verify.balls.elementary import unary
from verify.balls.gauss_hermite import nodes
from verify.balls.jets import Jet, moves, still
from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.quadrature import over_the_line, over_the_unit_interval
from verify.balls.scope import Atom, Computed, Scope, Vector
from verify.balls.walk import component, head, integer, walk

PIECES = (arb(1) / 4, arb(3) / 4)
"""The probabilities of the pieces into which an unseen normal variable is cut."""
MOST_NODES = 4096
HIGHEST_DEGREE = 40


@head(E)
def expect(node: E, scope: Scope) -> object:
    """The expectation; NoEnclosure where none of the three ways applies."""
    law = node.law
    if isinstance(law, Normal):
        if scope.atomic and only_functions_see(node.body, law.variable):
            return _over_pieces(node.body, law, scope)
        return _normal(node.body, law, scope)
    if isinstance(law, Uniform):
        return over_the_unit_interval(
            lambda u: walk(node.body, scope.bind(law.variable, u)),
            scope.bits,
            scope.generators,
        )
    return _average(node.body, law, scope)


def _average(body: Expr, law: Law, scope: Scope) -> object:
    if law.name not in scope.laws:
        raise NoEnclosure(f"nothing stands for the law {law.name}")
    label, length = label_of(law.variable), None
    if isinstance(law.variable, IndexedBase):
        length = scope.lengths[label]
    return _weighted(
        (weight, walk(body, scope.bind(label, value)))
        for weight, value in scope.laws[law.name](length)
    )


def _over_pieces(body: Expr, law: Normal, scope: Scope) -> object:
    label = label_of(law.variable)
    vector = isinstance(law.variable, IndexedBase)
    for i in range(1, scope.lengths[label] + 1) if vector else (0,):
        if any(map(moves, _mean_and_sigma(law, i, scope))):
            raise NoEnclosure("the pieces of a normal variable whose law moves")
    return _weighted(
        (weight, walk(body, scope.bind(label, Atom(i))))
        for i, weight in enumerate(PIECES)
    )


def _weighted(pairs: Iterator[tuple[arb, object]]) -> object:
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

    def replaced(self, index: int, value: object) -> Vector:
        kept = {i: self[i] for i in range(1, self.length + 1)}
        return Vector(self.length, {**kept, index: value})


def _normal(body: Expr, law: Normal, scope: Scope) -> object:
    label = label_of(law.variable)
    if isinstance(law.variable, IndexedBase):
        recorder = _Recorder(scope.lengths[label])
        degree = _degree(walk(body, scope.changed(still).bind(label, recorder)))
        seen = sorted(recorder.seen)
    else:
        recorder, seen = None, [0]
        degree = _degree(walk(body, scope.changed(still).bind(label, Degree(1))))
    where = {i: _mean_and_sigma(law, i, scope) for i in seen}

    def at(ordinates: dict[int, object]) -> object:
        drawn = {i: where[i][0] + where[i][1] * t for i, t in ordinates.items()}
        value = drawn[0] if recorder is None else Vector(recorder.length, drawn)
        return walk(body, scope.bind(label, value))

    if degree <= HIGHEST_DEGREE:
        rule = nodes(int(degree) // 2 + 1, scope.bits)
        if len(rule) ** len(seen) <= MOST_NODES:
            return _weighted(_tensor(rule, seen, at))
    if len(seen) != 1:
        return _split(body, law, scope)
    density = (2 * arb.pi()).rsqrt()

    def integrand(t: object) -> object:
        return at({seen[0]: t}) * (unary("exp", t * t * (arb(-1) / 2)) * density)

    return over_the_line(integrand, scope.bits)


def _tensor(rule: tuple, seen: list[int], at: object) -> Iterator[tuple[arb, object]]:
    for choice in product(rule, repeat=len(seen)):
        weight = arb(1)
        for _, w in choice:
            weight = weight * w
        yield weight, at({i: t for i, (t, _) in zip(seen, choice, strict=True)})


def _degree(value: object) -> float:
    if isinstance(value, Jet):
        return max((_degree(c) for c in value.parts.values()), default=0)
    return value.own if isinstance(value, Degree) else 0


def _split(body: Expr, law: Normal, scope: Scope) -> object:
    """The expectation of a sum as the sum of expectations, each of which is finite."""
    if isinstance(body, Add):
        parts = [_normal(term, law, scope) for term in body.args]
    elif isinstance(body, Sum) and len(body.limits) == 1:
        index, low, high = body.limits[0]
        rows = range(integer(low, scope), integer(high, scope) + 1)
        parts = [_normal(body.function, law, scope.bind(index, i)) for i in rows]
    elif isinstance(body, Mul):
        label = label_of(law.variable)
        fixed = [f for f in body.args if not f.has(label)]
        rest = [f for f in body.args if f.has(label)]
        if not fixed:
            raise NoEnclosure("an expectation over several coordinates at once")
        return walk(Mul(*fixed), scope) * _normal(Mul(*rest), law, scope)
    else:
        raise NoEnclosure("an expectation over several coordinates at once")
    return sum(parts[1:], parts[0])


def _mean_and_sigma(law: Normal, index: int, scope: Scope) -> tuple[object, object]:
    mean, sigma = (_parameter(p, index, scope) for p in law.parameters)
    size = still(sigma)
    if isinstance(size, arb) and not size > 0:
        if size <= 0:
            raise Undefined("a normal law whose sigma is not positive")
        raise Blurred("a normal law whose sigma may be 0")
    return mean, sigma


def _parameter(parameter: Expr, index: int, scope: Scope) -> object:
    if not isinstance(parameter, IndexedBase):
        return walk(parameter, scope)
    label = parameter.label
    if isinstance(label, AppliedUndef):
        return component(label, index, scope)
    value = scope.values.get(label)
    if isinstance(value, Computed):
        return value.find(scope, (index,))
    if not isinstance(value, Vector):
        raise NoEnclosure(f"{parameter} has no coordinates")
    return value[index]


def label_of(variable: Symbol | IndexedBase) -> Basic:
    """The name under which a scope keeps the variable."""
    return variable.label if isinstance(variable, IndexedBase) else variable


@lru_cache(maxsize=4096)
def only_functions_see(body: Basic, variable: Symbol | IndexedBase) -> bool:
    """Whether the drawn variable is seen by undefined functions only, bare."""
    label = label_of(variable)

    def seen(node: Basic) -> bool:
        if node in (variable, label):
            return True
        if isinstance(node, E):
            inner = () if label_of(node.law.variable) == label else (node.body,)
            return any(map(seen, (*inner, *node.law.parameters)))
        if isinstance(node, AppliedUndef):
            return any(seen(a) for a in node.args if label_of(a) != label)
        if isinstance(node, Indexed):
            return any(map(seen, (node.base, *node.indices)))
        if isinstance(node, Derivative):
            return any(map(seen, (node.expr, *(v for v, _ in node.variable_count))))
        return any(map(seen, node.args))

    return not seen(body)
