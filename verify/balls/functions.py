"""Functions of one number, or of a few: rows of the walk."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb
from sympy import (
    Abs,
    Expr,
    Max,
    Min,
    atan,
    cos,
    cosh,
    erf,
    exp,
    factorial,
    gamma,
    log,
    sign,
    sin,
    sinh,
    tan,
    tanh,
)

from derivations.functions import expm1, phi, psi, sigmoid, softplus
from verify.balls.elementary import unary
from verify.balls.scope import Scope
from verify.balls.value import Value
from verify.balls.walk import HEADS, head, walk


def _one_place(name: str) -> Callable:
    return lambda node, scope: unary(name, walk(node.args[0], scope))


_NAMES = {
    exp: "exp", log: "log", sin: "sin", cos: "cos", atan: "atan", tanh: "tanh",
    erf: "erf", gamma: "gamma", Abs: "abs", sign: "sign",
    sigmoid: "sigmoid", softplus: "softplus",
}  # fmt: skip
HEADS.update({kind: _one_place(name) for kind, name in _NAMES.items()})


@head(factorial)
def _factorial(node: factorial, scope: Scope) -> Value:
    return unary("gamma", walk(node.args[0], scope) + 1)


@head(tan)
def _tan(node: tan, scope: Scope) -> Value:
    x = walk(node.args[0], scope)
    return unary("sin", x) * unary("inverse", unary("cos", x))


@head(expm1)
def _expm1(node: expm1, scope: Scope) -> Value:
    return unary("exp", walk(node.args[0], scope)) - 1


@head(phi)
def _phi(node: phi, scope: Scope) -> Value:
    x = walk(node.args[0], scope)
    return unary("exp", x) - 1 - x


@head(psi)
def _psi(node: psi, scope: Scope) -> Value:
    x = walk(node.args[0], scope)
    return x - 1 - unary("log", x)


@head(sinh, cosh)
def _hyperbolic(node: Expr, scope: Scope) -> Value:
    x = walk(node.args[0], scope)
    up, down = unary("exp", x), unary("exp", -x)
    return (up - down if isinstance(node, sinh) else up + down) * (arb(1) / 2)


def _greater(a: Value, b: Value) -> Value:
    if isinstance(a, arb) and isinstance(b, arb):
        return a.max(b)
    return (a + b + unary("abs", a - b)) * (arb(1) / 2)


@head(Max)
def _max(node: Max, scope: Scope) -> Value:
    first, *rest = (walk(a, scope) for a in node.args)
    for value in rest:
        first = _greater(first, value)
    return first


@head(Min)
def _min(node: Min, scope: Scope) -> Value:
    first, *rest = (-walk(a, scope) for a in node.args)
    for value in rest:
        first = _greater(first, value)
    return -first
