"""The tree walk: the value of a SymPy expression in a scope, a row for every head."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq
from sympy import (
    Add,
    Basic,
    Dummy,
    Expr,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
)
from sympy.core.numbers import Exp1, Half, NegativeOne, One, Pi, Zero

from verify.balls.jets import Jet
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.powers import power
from verify.balls.scope import Atom, Computed, Scope, Vector
from verify.balls.value import Value

LONGEST_SUM = 2000

HEADS: dict[type, Callable[[Basic, Scope], Value]] = {}


def head(*classes: type) -> Callable:
    """Register the decorated function as the row of these classes."""

    def register(row: Callable) -> Callable:
        HEADS.update(dict.fromkeys(classes, row))
        return row

    return register


def walk(node: Basic, scope: Scope) -> Value:
    """The value of `node`: a ball that contains it, or what stands for one.

    Raises NoEnclosure where no ball can be certified, Undefined where no real value is.
    """
    scope.work.step()
    row = HEADS.get(type(node)) or _inherited(type(node))
    return row(node, scope)


def _inherited(kind: type) -> Callable:
    for base in kind.__mro__:
        if base in HEADS:
            return HEADS[base]
    raise NoEnclosure(f"{kind.__name__} has no row")


def integer(node: Basic, scope: Scope) -> int:
    """The value of what must be an integer: an index, a limit of a sum."""
    if isinstance(node, Integer):
        return int(node)
    value = scope.values.get(node)
    if isinstance(value, int):
        return value
    value = walk(node, scope)
    if isinstance(value, arb) and value.is_exact() and value.is_integer():
        return int(value.unique_fmpz())
    raise NoEnclosure(f"{node} is not certainly an integer")


@head(Integer, Zero, One, NegativeOne, Half, Rational)
def _rational(node: Rational, scope: Scope) -> arb:
    found = scope.constants.get(node)
    if found is None:
        found = scope.constants[node] = arb(fmpq(node.p, node.q))
    return found


@head(Pi)
def _pi(node: Pi, scope: Scope) -> arb:
    return arb.pi()


@head(Exp1)
def _e(node: Exp1, scope: Scope) -> arb:
    return arb.const_e()


@head(Symbol, Dummy)
def _symbol(node: Symbol, scope: Scope) -> Value:
    value = scope.values.get(node)
    if isinstance(value, int):
        return arb(value)
    if isinstance(value, Computed):
        return value.find(scope, ())
    if value is None or isinstance(value, Vector | Atom):
        raise NoEnclosure(f"{node} is not a number here")
    return value


@head(Add)
def _add(node: Add, scope: Scope) -> Value:
    first, *rest = node.args
    total = walk(first, scope)
    for term in rest:
        total = total + walk(term, scope)
    return total


@head(Mul)
def _mul(node: Mul, scope: Scope) -> Value:
    first, *rest = node.args
    total = walk(first, scope)
    for factor in rest:
        total = total * walk(factor, scope)
    return total


@head(Pow)
def _pow(node: Pow, scope: Scope) -> Value:
    base, exponent = node.args
    value = walk(base, scope)
    raised = int(exponent) if isinstance(exponent, Integer) else walk(exponent, scope)
    try:
        return power(value, raised)
    except Undefined as none:
        inner = value.scalar if isinstance(value, Jet) else value
        if isinstance(inner, arb) and inner.is_zero():
            raise Undefined(str(none), denominator=str(base)) from None
        raise


def _iterate(node: Expr, scope: Scope, combine: Callable, start: arb) -> Value:
    def over(limits: list, inner: Scope) -> Value:
        if not limits:
            return walk(node.function, inner)
        index, low, high = limits[-1]
        first, last = integer(low, inner), integer(high, inner)
        if last < first - 1 or last - first > LONGEST_SUM:
            raise NoEnclosure(f"a sum from {first} to {last}")
        total = start
        for i in range(first, last + 1):
            total = combine(total, over(limits[:-1], inner.bind(index, i)))
        return total

    if any(len(limit) != 3 for limit in node.limits):
        raise NoEnclosure("a sum without limits")
    return over(list(node.limits), scope)


@head(Sum)
def _sum(node: Sum, scope: Scope) -> Value:
    return _iterate(node, scope, lambda a, b: a + b, arb(0))


@head(Product)
def _product(node: Product, scope: Scope) -> Value:
    return _iterate(node, scope, lambda a, b: a * b, arb(1))


@head(KroneckerDelta)
def _delta(node: KroneckerDelta, scope: Scope) -> arb:
    left, right = (integer(a, scope) for a in node.args[:2])
    return arb(int(left == right))
