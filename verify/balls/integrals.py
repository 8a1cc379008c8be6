"""Integrals piece by piece: in closed form where there is one, else by quadrature."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb
from sympy import Basic, Expr, Integral, oo

from verify.balls.closed_form import finite, integral
from verify.balls.exponential_sum import variable
from verify.balls.jets import moves, still
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.pieces import pieces
from verify.balls.quadrature import between, over_the_line, over_the_unit_interval
from verify.balls.scope import Scope
from verify.balls.value import Value
from verify.balls.walk import head, walk

At = Callable[[Expr, Value, Scope], Value]


def integrate(
    body: Expr,
    label: Basic,
    at: At,
    ends: tuple[Value | None, Value | None],
    scope: Scope,
    *,
    unit: bool = False,
    bare: At | None = None,
) -> Value:
    """The integral of `body` over the range between the ends; None is infinite.

    at    the integrand, with a value in place of the variable `label`
    unit  the range is (0, 1), and the variable positive
    bare  the same without a weight that `at` may have
    """
    inner = scope.deeper()
    u = variable(inner.level, positive=unit)
    total: Value = arb(0)
    for piece, low, high in pieces(body, label, bare or at, u, inner, ends):
        total = total + _piece(piece, at, (low, high), inner, unit)
    return total


def _piece(
    body: Expr,
    at: At,
    ends: tuple[Value | None, Value | None],
    scope: Scope,
    unit: bool,
) -> Value:
    low, high = ends
    u = variable(scope.level, positive=unit)
    try:
        return finite(integral(at(body, u, scope), low, high, scope.level))
    except (NoEnclosure, Undefined):
        pass  # no closed form: by quadrature

    def integrand(t: Value) -> Value:
        return at(body, t, scope)

    if low is None or high is None:
        if moves(low) or moves(high):
            raise NoEnclosure("a half-line whose end moves")
        return over_the_line(integrand, scope.bits, still(low), still(high))
    if unit and isinstance(low, arb) and isinstance(high, arb) and high - low == 1:
        return over_the_unit_interval(integrand, scope.bits, scope.generators)
    return between(integrand, low, high, scope.bits, scope.generators)


@head(Integral)
def _integral(node: Integral, scope: Scope) -> Value:
    if len(node.limits) != 1 or len(node.limits[0]) != 3:
        raise NoEnclosure("an integral that is not one definite integral")
    name, low, high = node.limits[0]

    def at(body: Expr, value: Value, inner: Scope) -> Value:
        return walk(body, inner.bind(name, value))

    if low is oo or high is -oo:
        raise NoEnclosure("a range from right to left")
    ends = _end(low, scope), _end(high, scope)
    return integrate(node.function, name, at, ends, scope)


def _end(limit: Expr, scope: Scope) -> Value | None:
    return None if limit in (oo, -oo) else walk(limit, scope)
