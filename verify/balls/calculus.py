"""Derivatives by jets, and substitution: rows of the walk."""

from __future__ import annotations

from sympy import Basic, Derivative, Expr, Indexed, IndexedBase, Subs
from sympy.core.function import AppliedUndef

from verify.balls.jets import coefficient, moved, still
from verify.balls.names import apply, component, whole
from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Atom, Computed, Scope, Vector
from verify.balls.value import Value
from verify.balls.walk import head, integer, walk

HIGHEST_ORDER = 6


@head(Derivative)
def _derivative(node: Derivative, scope: Scope) -> Value:
    generators = []
    for variable, count in reversed(node.variable_count):
        for _ in range(integer(count, scope)):
            scope, generator = _move(variable, scope)
            generators.append(generator)
    if len(generators) > HIGHEST_ORDER:
        raise NoEnclosure(f"a derivative of order {len(generators)}")
    value = walk(node.expr, scope)
    for generator in reversed(generators):
        value = coefficient(value, generator)
    return value


def _move(variable: Expr, scope: Scope) -> tuple[Scope, int]:
    """The scope in which `variable` is moved along a fresh generator."""
    inner, generator = scope.fresh()
    name = variable.base.label if isinstance(variable, Indexed) else variable
    _nothing_placed_depends_on(name, scope)
    if isinstance(variable, Indexed):
        index = integer(variable.indices[0], scope)
        if isinstance(name, AppliedUndef):
            vector = _outputs(variable.base, index, scope)
            return inner.place(
                name, vector.replaced(index, moved(vector[index], generator))
            ), (generator)
        vector = _vector(name, scope)
        return inner.bind(
            name, vector.replaced(index, moved(vector[index], generator))
        ), generator
    if isinstance(name, AppliedUndef):
        return inner.place(name, moved(apply(name, None, scope), generator)), generator
    value = scope.values.get(name)
    if isinstance(value, Computed):
        value = still(value.find(scope, ()))
    if value is None or isinstance(value, int | Atom | Vector):
        raise NoEnclosure(f"there is no derivative with respect to {variable}")
    return inner.bind(name, moved(value, generator)), generator


def _nothing_placed_depends_on(name: Basic, scope: Scope) -> None:
    """Moving theta while G(theta) is held can be read in two ways: say nothing."""
    for held in scope.placed or ():
        if held != name and held.has(name):
            raise NoEnclosure(f"{held} is held while {name} moves")


def _outputs(base: IndexedBase, index: int, scope: Scope) -> Vector:
    held = (scope.placed or {}).get(base.label)
    if held is not None:
        return held
    count = (
        integer(base.shape[0], scope)
        if base.shape
        else scope.lengths.get(base.label, 1)
    )
    count_all = range(1, max(count, index) + 1)
    return Vector(count, {m: component(base.label, m, scope) for m in count_all})


def _vector(name: Basic, scope: Scope) -> Vector:
    value = scope.values.get(name)
    if isinstance(value, Computed):
        length = scope.lengths[name]
        found = {i: still(value.find(scope, (i,))) for i in range(1, length + 1)}
        return Vector(length, found)
    if not isinstance(value, Vector):
        raise NoEnclosure(f"{name} has no coordinates to move")
    return value


@head(Subs)
def _subs(node: Subs, scope: Scope) -> Value:
    inner = scope
    for name, point in zip(node.variables, node.point, strict=True):
        if isinstance(name, IndexedBase):
            found = whole(point, scope)
            if not isinstance(found, list):
                raise NoEnclosure(f"{point} is not a vector")
            vector = Vector(len(found), dict(enumerate(found, start=1)))
            inner = inner.bind(name.label, vector)
        else:
            inner = inner.bind(name, walk(point, scope))
    return walk(node.expr, inner)
