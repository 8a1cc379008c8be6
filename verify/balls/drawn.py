"""What a normal law draws: its mean and its spread, and who sees the drawn variable."""

from __future__ import annotations

from functools import lru_cache

from flint import arb
from sympy import Basic, Derivative, Expr, Indexed, IndexedBase, Symbol
from sympy.core.function import AppliedUndef

from derivations.expectation import E
from derivations.laws import Normal
from verify.balls.jets import still
from verify.balls.names import component
from verify.balls.outcomes import Blurred, NoEnclosure, Undefined
from verify.balls.scope import Computed, Scope, Vector
from verify.balls.value import Value
from verify.balls.walk import walk


def mean_and_sigma(law: Normal, index: int, scope: Scope) -> tuple[Value, Value]:
    """Of one coordinate; Undefined where sigma is not positive."""
    mean, sigma = (_parameter(p, index, scope) for p in law.parameters)
    size = still(sigma)
    if isinstance(size, arb) and not size > 0:
        if size <= 0:
            raise Undefined("a normal law whose sigma is not positive")
        raise Blurred("a normal law whose sigma may be 0")
    return mean, sigma


def _parameter(parameter: Expr, index: int, scope: Scope) -> Value:
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
