"""E(body, law): an exact finite average, or an integral.

A law known by name is discrete. A normal variable that only undefined functions see is
cut in two, and they are unrelated functions on the pieces.
"""

from __future__ import annotations

from flint import arb
from sympy import Expr, IndexedBase

from derivations.expectation import E
from derivations.laws import Law, Normal, Uniform
from verify.balls.drawn import label_of, mean_and_sigma, only_functions_see
from verify.balls.elementary import unary
from verify.balls.integrals import integrate
from verify.balls.jets import Jet
from verify.balls.normal import normal, weighted_sum
from verify.balls.outcomes import NoEnclosure
from verify.balls.scope import Atom, Scope
from verify.balls.value import Value
from verify.balls.walk import head, walk


@head(E)
def expect(node: E, scope: Scope) -> Value:
    """The expectation; NoEnclosure where none of the ways applies."""
    law = node.law
    if isinstance(law, Normal):
        if scope.cut is not None and only_functions_see(node.body, law.variable):
            return _over_pieces(node.body, law, scope)
        return normal(node.body, law, scope)
    if isinstance(law, Uniform):
        return _uniform(node.body, law, scope)
    return _average(node.body, law, scope)


def _average(body: Expr, law: Law, scope: Scope) -> Value:
    if law.name not in scope.laws:
        raise NoEnclosure(f"nothing stands for the law {law.name}")
    label, length = label_of(law.variable), None
    if isinstance(law.variable, IndexedBase):
        length = scope.lengths[label]
    return weighted_sum(
        (weight, walk(body, scope.bind(label, value)))
        for weight, value in scope.laws[law.name](length)
    )


def _uniform(body: Expr, law: Uniform, scope: Scope) -> Value:
    def at(piece: Expr, value: Value, inner: Scope) -> Value:
        return walk(piece, inner.bind(law.variable, value))

    return integrate(body, law.variable, at, (arb(0), arb(1)), scope, unit=True)


def _over_pieces(body: Expr, law: Normal, scope: Scope) -> Value:
    """Below the cut, and above: the pieces are fixed, their masses may move."""
    label = label_of(law.variable)
    first = 1 if isinstance(law.variable, IndexedBase) else 0
    mean, sigma = mean_and_sigma(law, first, scope)
    away = (mean - scope.cut) * unary("inverse", sigma * arb(2).sqrt())
    parts = away.parts.values() if isinstance(away, Jet) else (away,)
    if not all(isinstance(c, arb) for c in parts):
        raise NoEnclosure("a normal law near a limit point, or under an integral")
    above = (unary("erf", away) + 1) * (arb(1) / 2)
    return weighted_sum(
        (mass, walk(body, scope.bind(label, Atom(i))))
        for i, mass in enumerate((1 - above, above))
    )
