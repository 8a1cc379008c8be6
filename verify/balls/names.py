"""Names that stand for values: vectors, their coordinates, undefined functions."""

from __future__ import annotations

from sympy import Basic, Indexed, IndexedBase
from sympy.core.function import AppliedUndef

from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Atom, Computed, Scope, Vector
from verify.balls.value import Value
from verify.balls.walk import head, integer, walk


@head(Indexed)
def _indexed(node: Indexed, scope: Scope) -> Value:
    base = node.base
    if len(node.indices) != 1:
        raise NoEnclosure(f"{node} has several indices")
    index = integer(node.indices[0], scope)
    label = base.label
    if isinstance(label, AppliedUndef):
        return component(label, index, scope)
    value = scope.values.get(label)
    if isinstance(value, Vector):
        return value[index]
    if isinstance(value, Computed):
        return value.find(scope, (index,))
    raise NoEnclosure(f"{base} has no coordinates here")


def component(label: AppliedUndef, index: int, scope: Scope) -> Value:
    """One coordinate of the vector of outputs that `label` names."""
    moved = scope.placed.get(label) if scope.placed else None
    if moved is not None:
        return moved[index]
    return apply(label, index, scope)


def whole(node: Basic, scope: Scope) -> Value:
    """The value of a function's argument: number, Atom, or list of coordinates."""
    if not isinstance(node, IndexedBase):
        value = scope.values.get(node)
        return value if isinstance(value, Atom) else walk(node, scope)
    label = node.label
    if isinstance(label, AppliedUndef):
        count = (
            integer(node.shape[0], scope) if node.shape else scope.lengths.get(label, 1)
        )
        return [component(label, m, scope) for m in range(1, count + 1)]
    value = scope.values.get(label)
    if isinstance(value, Vector):
        return value.whole()
    if isinstance(value, Atom):
        return value
    if isinstance(value, Computed):
        count = scope.lengths[label]
        return [value.find(scope, (i,)) for i in range(1, count + 1)]
    raise NoEnclosure(f"{node} has no value")


def apply(node: AppliedUndef, component: int | None, scope: Scope) -> Value:
    """What stands for the undefined function, at its arguments."""
    stands = scope.functions.get(node.func.__name__)
    if stands is None:
        raise NoEnclosure(f"{node.func} has no instance")
    return stands([whole(a, scope) for a in node.args], component)


@head(AppliedUndef)
def _undefined_function(node: AppliedUndef, scope: Scope) -> Value:
    if scope.placed and node in scope.placed:
        return scope.placed[node]
    return apply(node, None, scope)
