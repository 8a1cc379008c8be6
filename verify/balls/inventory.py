"""What occurs in a comparison, and must have a value at a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from sympy import (
    Abs,
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    Integral,
    KroneckerDelta,
    Limit,
    Max,
    Min,
    Product,
    Subs,
    Sum,
    Symbol,
    cos,
    erf,
    sin,
    tanh,
)
from sympy.core.function import AppliedUndef

from derivations.expectation import E
from derivations.functions import sigmoid, softplus
from derivations.laws import Law, Normal, Uniform
from verify.balls.expectation import label_of, only_functions_see
from verify.balls.outcomes import NoEnclosure

Bound = dict[Basic, Basic | None]
CURVED = (sigmoid, softplus, tanh, erf, sin, cos, Abs, Max, Min)


@dataclass
class Inventory:
    """Names by what they are; a dictionary keeps the order in which they were met.

    scalars     free symbols that stand for numbers
    sizes       symbols that count the coordinates of a base or the terms of a sum
    indices     free symbols in an index -> the bases that they index
    bases       label -> the sizes that go with it
    free        labels of the bases that have a value of their own
    functions   name -> its applications, undefined
    laws        names of the laws of which nothing else is known
    drawn       label -> the law that binds it
    counts      those of `sizes` that are a limit or a shape as they stand
    moving      names with respect to which something is differentiated
    continuous  names that an undefined function sees vary over an interval
    averages    expectations under a normal law; `integrals`
    ties        pairs of bases with as many coordinates
    """

    scalars: dict[Basic, None] = field(default_factory=dict)
    sizes: dict[Basic, None] = field(default_factory=dict)
    indices: dict[Basic, set] = field(default_factory=dict)
    bases: dict[Basic, set] = field(default_factory=dict)
    free: dict[Basic, None] = field(default_factory=dict)
    functions: dict[str, list[AppliedUndef]] = field(default_factory=dict)
    laws: dict[str, None] = field(default_factory=dict)
    drawn: dict[Basic, Law] = field(default_factory=dict)
    counts: set = field(default_factory=set)
    moving: set = field(default_factory=set)
    continuous: set = field(default_factory=set)
    averages: list[E] = field(default_factory=list)
    integrals: list[Integral] = field(default_factory=list)
    ties: list[tuple[Basic, Basic]] = field(default_factory=list)

    def visit(self, node: Basic, bound: Bound) -> None:
        """Note everything that occurs in `node`, where the names in `bound` are."""
        for kind, row in _ROWS.items():
            if isinstance(node, kind):
                row(self, node, bound)
                return
        for argument in node.args:
            self.visit(argument, bound)

    def settle(self) -> None:
        """Every integer name is one thing: j in Sum(.., (i, 1, j - 1)) is an index."""
        for name in list(self.sizes):
            if name in self.counts:
                self.indices.pop(name, None)
            elif name in self.indices:
                self.sizes.pop(name)
        for name in (*self.sizes, *self.indices):
            self.scalars.pop(name, None)

    @cached_property
    def groups(self) -> dict[Basic, tuple[Basic, ...]]:
        """Label -> the sizes of it and of all bases tied to it; or itself."""
        together: dict[Basic, set] = {label: {label} for label in self.bases}
        for left, right in self.ties:
            if left in together and right in together:
                joined = together[left] | together[right]
                for label in joined:
                    together[label] = joined
        found = {}
        for label, joined in together.items():
            sizes = set().union(*(self.bases[one] for one in joined)) & set(self.sizes)
            own = min(joined, key=str)
            found[label] = tuple(sorted(sizes, key=str)) or (own,)
        return found

    @cached_property
    def curved(self) -> bool:
        """Whether an integral over something other than a polynomial is likely."""
        bodies = [*self.integrals, *(e.body for e in self.averages)]
        return bool(self.integrals) or any(body.has(*CURVED) for body in bodies)

    @cached_property
    def normal(self) -> frozenset:
        """The labels that are drawn from normal laws."""
        return frozenset(label_of(e.law.variable) for e in self.averages)

    @cached_property
    def atomic(self) -> bool:
        """Whether the normal variables that functions see may be cut into pieces.

        A function of such a variable is a step function then. That is one and the same
        function everywhere only if nothing else looks at its values on an interval.
        """
        if self.continuous or self.moving & set(self.drawn):
            return False
        return all(
            only_functions_see(e.body, e.law.variable)
            for e in self.averages
            if _functions_of(e.body, label_of(e.law.variable))
        )


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
        found.visit(expression, {})
    own = {*found.scalars, *found.free}
    for premise in premises:
        found.visit(premise, {})
    for name in found.drawn:
        if name not in own:
            found.scalars.pop(name, None)
            found.free.pop(name, None)
    free_indices = dict(found.indices)
    for key, value in bindings.items():
        found.visit(key, {})
        label, index = _defined(key)
        inner: Bound = {} if index is None else {index: None}
        found.visit(value, inner)
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


def _defined(key: Expr) -> tuple[Basic, Basic | None]:
    if isinstance(key, Indexed):
        index = key.indices[0]
        return key.base.label, index if isinstance(index, Symbol) else None
    return key, None


def _functions_of(body: Basic, label: Basic) -> bool:
    return any(f.has(label) for f in body.atoms(AppliedUndef))


def _base(found: Inventory, base: IndexedBase, bound: Bound) -> None:
    label = base.label
    sizes = found.bases.setdefault(label, set())
    for size in base.shape or ():
        for name in size.free_symbols:
            found.sizes.setdefault(name)
            found.counts.add(name)
            sizes.add(name)
    if isinstance(label, AppliedUndef):
        found.visit(label, bound)
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
        found.visit(low, inner)
        inner[index] = inner.get(sizes[0], sizes[0]) if len(sizes) == 1 else None
    found.visit(node.function, inner)


def _average(found: Inventory, node: E, bound: Bound) -> None:
    law, label = node.law, label_of(node.law.variable)
    for parameter in law.parameters:
        found.visit(parameter, bound)
        if isinstance(parameter, IndexedBase):
            found.ties.append((label, parameter.label))
    inner = {**bound, label: None}
    if isinstance(law.variable, IndexedBase):
        _base(found, law.variable, inner)
    if isinstance(law, Normal):
        found.averages.append(node)
    elif isinstance(law, Uniform):
        if _functions_of(node.body, label):
            found.continuous.add(label)
    else:
        found.laws.setdefault(law.name)
    found.drawn[label] = law
    found.visit(node.body, inner)


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
        found.visit(argument, bound)


def _derivative(found: Inventory, node: Derivative, bound: Bound) -> None:
    found.visit(node.expr, bound)
    for variable, _ in node.variable_count:
        found.visit(variable, bound)
        found.moving.add(
            label_of(variable.base) if isinstance(variable, Indexed) else variable
        )


def _integral(found: Inventory, node: Integral, bound: Bound) -> None:
    found.integrals.append(node)
    inner = dict(bound)
    for name, *ends in reversed(node.limits):
        for end in ends:
            found.visit(end, inner)
        inner[name] = None
        if _functions_of(node.function, name):
            found.continuous.add(name)
    found.visit(node.function, inner)


def _limit(found: Inventory, node: Limit, bound: Bound) -> None:
    body, name, point, _ = node.args
    found.visit(point, bound)
    found.visit(body, {**bound, name: None})


def _subs(found: Inventory, node: Subs, bound: Bound) -> None:
    for point in node.point:
        found.visit(point, bound)
    found.visit(node.expr, {**bound, **{label_of(v): None for v in node.variables}})


def _delta(found: Inventory, node: KroneckerDelta, bound: Bound) -> None:
    for argument in node.args[:2]:
        _index(found, argument, bound, None)


def _symbol(found: Inventory, node: Symbol, bound: Bound) -> None:
    if node.is_real is False or node.is_rational is False or node.is_prime:
        raise NoEnclosure(f"{node} has values that no point tries")
    if node not in bound:
        found.scalars.setdefault(node)


_ROWS = {
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
