"""The tree walk: the value of a SymPy expression in a scope, a row for every head."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq
from sympy import (
    Abs,
    Add,
    Basic,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
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
from sympy.core.function import AppliedUndef
from sympy.core.numbers import Exp1, Half, NegativeOne, One, Pi, Zero

from derivations.functions import sigmoid, softplus
from verify.balls.elementary import unary
from verify.balls.jets import Jet
from verify.balls.outcomes import NoEnclosure, Undefined
from verify.balls.powers import power
from verify.balls.scope import Atom, Computed, Scope, Vector

LONGEST_SUM = 2000

HEADS: dict[type, Callable[[Basic, Scope], object]] = {}


def head(*classes: type) -> Callable:
    """Register the decorated function as the row of these classes."""

    def register(row: Callable) -> Callable:
        HEADS.update(dict.fromkeys(classes, row))
        return row

    return register


def walk(node: Basic, scope: Scope) -> object:
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
def _symbol(node: Symbol, scope: Scope) -> object:
    value = scope.values.get(node)
    if isinstance(value, int):
        return arb(value)
    if isinstance(value, Computed):
        return value.find(scope, ())
    if value is None or isinstance(value, Vector | Atom):
        raise NoEnclosure(f"{node} is not a number here")
    return value


@head(Add)
def _add(node: Add, scope: Scope) -> object:
    first, *rest = node.args
    total = walk(first, scope)
    for term in rest:
        total = total + walk(term, scope)
    return total


@head(Mul)
def _mul(node: Mul, scope: Scope) -> object:
    first, *rest = node.args
    total = walk(first, scope)
    for factor in rest:
        total = total * walk(factor, scope)
    return total


@head(Pow)
def _pow(node: Pow, scope: Scope) -> object:
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


@head(Indexed)
def _indexed(node: Indexed, scope: Scope) -> object:
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


def component(label: AppliedUndef, index: int, scope: Scope) -> object:
    """One coordinate of the vector of outputs that `label` names."""
    moved = scope.placed.get(label) if scope.placed else None
    if moved is not None:
        return moved[index]
    return apply(label, index, scope)


def whole(node: Basic, scope: Scope) -> object:
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


def apply(node: AppliedUndef, component: int | None, scope: Scope) -> object:
    """What stands for the undefined function, at its arguments."""
    stands = scope.functions.get(node.func.__name__)
    if stands is None:
        raise NoEnclosure(f"{node.func} has no instance")
    return stands([whole(a, scope) for a in node.args], component)


@head(AppliedUndef)
def _undefined_function(node: AppliedUndef, scope: Scope) -> object:
    if scope.placed and node in scope.placed:
        return scope.placed[node]
    return apply(node, None, scope)


def _iterate(node: Expr, scope: Scope, combine: Callable, start: arb) -> object:
    def over(limits: list, inner: Scope) -> object:
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
def _sum(node: Sum, scope: Scope) -> object:
    return _iterate(node, scope, lambda a, b: a + b, arb(0))


@head(Product)
def _product(node: Product, scope: Scope) -> object:
    return _iterate(node, scope, lambda a, b: a * b, arb(1))


@head(KroneckerDelta)
def _delta(node: KroneckerDelta, scope: Scope) -> arb:
    left, right = (integer(a, scope) for a in node.args[:2])
    return arb(int(left == right))


def _one_place(name: str) -> Callable:
    return lambda node, scope: unary(name, walk(node.args[0], scope))


_NAMES = {
    exp: "exp", log: "log", sin: "sin", cos: "cos", atan: "atan", tanh: "tanh",
    erf: "erf", gamma: "gamma", Abs: "abs", sign: "sign",
    sigmoid: "sigmoid", softplus: "softplus",
}  # fmt: skip
HEADS.update({kind: _one_place(name) for kind, name in _NAMES.items()})


@head(factorial)
def _factorial(node: factorial, scope: Scope) -> object:
    return unary("gamma", walk(node.args[0], scope) + 1)


@head(tan)
def _tan(node: tan, scope: Scope) -> object:
    x = walk(node.args[0], scope)
    return unary("sin", x) * unary("inverse", unary("cos", x))


@head(sinh, cosh)
def _hyperbolic(node: Expr, scope: Scope) -> object:
    x = walk(node.args[0], scope)
    up, down = unary("exp", x), unary("exp", -x)
    return (up - down if isinstance(node, sinh) else up + down) * (arb(1) / 2)


def _greater(a: object, b: object) -> object:
    if isinstance(a, arb) and isinstance(b, arb):
        return a.max(b)
    return (a + b + unary("abs", a - b)) * (arb(1) / 2)


@head(Max)
def _max(node: Max, scope: Scope) -> object:
    first, *rest = (walk(a, scope) for a in node.args)
    for value in rest:
        first = _greater(first, value)
    return first


@head(Min)
def _min(node: Min, scope: Scope) -> object:
    first, *rest = (-walk(a, scope) for a in node.args)
    for value in rest:
        first = _greater(first, value)
    return -first
