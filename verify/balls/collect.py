"""Collect: walk the expressions of a comparison, and note every name that is free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from sympy import (
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Limit,
    Product,
    Subs,
    Sum,
    Symbol,
)
from sympy.core.function import AppliedUndef

from derivations.expectation import E
from derivations.laws import Normal, Uniform
from verify.balls.drawn import label_of
from verify.balls.inventory import Inventory, functions_see
from verify.balls.outcomes import NoEnclosure

Bound = dict[Basic, Basic | None]


def collect(
    expressions: Iterable[Basic],
    premises: Iterable[Basic] = (),
    bindings: Mapping[Expr, Expr] = MappingProxyType({}),
) -> Inventory:
    """The inventory of all of them; names that a binding defines are not free.

    A name that is free in the premises only, and drawn elsewhere, is the drawn one.
    Raises NoEnclosure where a name can have no instance.
    """
    found = Inventory()
    for expression in expressions:
        _visit(found, expression, {})
    own = {*found.scalars, *found.free}
    for premise in premises:
        _visit(found, premise, {})
    for name in found.drawn:
        if name not in own:
            found.scalars.pop(name, None)
            found.free.pop(name, None)
    free_indices = dict(found.indices)
    for key, value in bindings.items():
        _visit(found, key, {})
        label, index = _defined(key)
        inner: Bound = {} if index is None else {index: None}
        _visit(found, value, inner)
        for used in value.atoms(Indexed):
            if index in used.indices:
                found.ties.append((label, used.base.label))
    for key in bindings:
        label, index = _defined(key)
        found.free.pop(label, None)
        found.scalars.pop(label, None)
        if index not in free_indices:
            found.indices.pop(index, None)
    found.settle()
    both = set(found.laws) & set(found.functions)
    if both:
        raise NoEnclosure(
            f"{min(both)} is a law, and a function that may be its density"
        )
    return found


def _visit(found: Inventory, node: Basic, bound: Bound) -> None:
    """Note everything that occurs in `node`, where the names in `bound` are."""
    for kind, row in _ROWS.items():
        if isinstance(node, kind):
            row(found, node, bound)
            return
    for argument in node.args:
        _visit(found, argument, bound)


def _defined(key: Expr) -> tuple[Basic, Basic | None]:
    if isinstance(key, Indexed):
        index = key.indices[0]
        return key.base.label, index if isinstance(index, Symbol) else None
    return key, None


def _base(found: Inventory, base: IndexedBase, bound: Bound) -> None:
    label = base.label
    sizes = found.bases.setdefault(label, set())
    for size in base.shape or ():
        for name in size.free_symbols:
            found.sizes.setdefault(name)
            found.counts.add(name)
            sizes.add(name)
    if isinstance(label, AppliedUndef):
        _visit(found, label, bound)
    elif label not in bound:
        found.free.setdefault(label)


def _indexed(found: Inventory, node: Indexed, bound: Bound) -> None:
    _base(found, node.base, bound)
    label = node.base.label
    for index in node.indices:
        _index(found, index, bound, label)


def _index(found: Inventory, index: Basic, bound: Bound, label: Basic | None) -> None:
    for name in index.free_symbols if not isinstance(index, Integer) else ():
        if name not in bound:
            used = found.indices.setdefault(name, set())
            if label is not None:
                used.add(label)
        elif bound[name] is not None and label is not None:
            found.bases[label].add(bound[name])


def _summed(found: Inventory, node: Sum | Product, bound: Bound) -> None:
    inner = dict(bound)
    for index, low, high in reversed(node.limits):
        sizes = sorted(high.free_symbols, key=str)
        for name in sizes:
            if name not in inner:
                found.sizes.setdefault(name)
                if name == high:
                    found.counts.add(name)
        _visit(found, low, inner)
        inner[index] = inner.get(sizes[0], sizes[0]) if len(sizes) == 1 else None
    _visit(found, node.function, inner)


def _average(found: Inventory, node: E, bound: Bound) -> None:
    law, label = node.law, label_of(node.law.variable)
    for parameter in law.parameters:
        _visit(found, parameter, bound)
        if isinstance(parameter, IndexedBase):
            found.ties.append((label, parameter.label))
    inner = {**bound, label: None}
    if isinstance(law.variable, IndexedBase):
        _base(found, law.variable, inner)
    if isinstance(law, Normal):
        found.averages.append(node)
    elif isinstance(law, Uniform):
        if functions_see(node.body, label):
            found.continuous.add(label)
    else:
        found.laws.setdefault(law.name)
    found.drawn[label] = law
    _visit(found, node.body, inner)


def _applied(found: Inventory, node: AppliedUndef, bound: Bound) -> None:
    if node.is_integer or node.is_real is False or node.is_commutative is False:
        raise NoEnclosure(f"{node.func} takes values that no instance has")
    uses = found.functions.setdefault(node.func.__name__, [])
    for other in uses:
        for mine, theirs in zip(node.args, other.args, strict=False):
            if isinstance(mine, IndexedBase) and isinstance(theirs, IndexedBase):
                found.ties.append((mine.label, theirs.label))
    if node not in uses:
        uses.append(node)
    for argument in node.args:
        _visit(found, argument, bound)


def _derivative(found: Inventory, node: Derivative, bound: Bound) -> None:
    _visit(found, node.expr, bound)
    for variable, _ in node.variable_count:
        _visit(found, variable, bound)
        found.moving.add(
            label_of(variable.base) if isinstance(variable, Indexed) else variable
        )


def _integral(found: Inventory, node: Integral, bound: Bound) -> None:
    found.integrals.append(node)
    inner = dict(bound)
    for name, *ends in reversed(node.limits):
        for end in ends:
            _visit(found, end, inner)
        inner[name] = None
        if functions_see(node.function, name):
            found.continuous.add(name)
    _visit(found, node.function, inner)


def _limit(found: Inventory, node: Limit, bound: Bound) -> None:
    body, name, point, _ = node.args
    _visit(found, point, bound)
    _visit(found, body, {**bound, name: None})


def _subs(found: Inventory, node: Subs, bound: Bound) -> None:
    for point in node.point:
        _visit(found, point, bound)
    _visit(found, node.expr, {**bound, **{label_of(v): None for v in node.variables}})


def _delta(found: Inventory, node: KroneckerDelta, bound: Bound) -> None:
    for argument in node.args[:2]:
        _index(found, argument, bound, None)


def _symbol(found: Inventory, node: Symbol, bound: Bound) -> None:
    if node.is_real is False or node.is_rational is False or node.is_prime:
        raise NoEnclosure(f"{node} has values that no point tries")
    if node not in bound:
        found.scalars.setdefault(node)


_ROWS: dict[type, Callable] = {
    Indexed: _indexed,
    IndexedBase: _base,
    Symbol: _symbol,
    Sum: _summed,
    Product: _summed,
    E: _average,
    AppliedUndef: _applied,
    Derivative: _derivative,
    Integral: _integral,
    Limit: _limit,
    Subs: _subs,
    KroneckerDelta: _delta,
}
