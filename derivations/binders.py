"""Bound variables: sums, products, integrals, expectations up to the variable's name.

`rename_bound` gives the variable a name that depends only on how deep it stands, so
that two expressions that differ in it become the same. A finite sum is split into its
terms, each with its constant factors outside; a product, an integral or an expectation
is not.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import (
    Add,
    Dummy,
    Expr,
    Indexed,
    IndexedBase,
    Integral,
    Mul,
    Product,
    S,
    Sum,
    Symbol,
    fraction,
)

from derivations.expectation import E, depends
from derivations.laws import Normal, Uniform

BINDERS = (Sum, Product, Integral, E)
UNFOLDED_AT_MOST = 16

Normaliser = Callable[[Expr], Expr]


def rename_bound(expression: Expr, normal: Normaliser) -> Expr:
    """`expression` with canonical bound names and with its body in normal form."""
    if isinstance(expression, E):
        return _expectation(expression, normal)
    *inner, (index, *limits) = expression.limits
    body = (
        expression.func(expression.function, *inner) if inner else expression.function
    )
    if len(limits) != 2:
        return expression.func(normal(body), (index, *limits))
    lower, upper = (normal(limit) for limit in limits)
    if isinstance(expression, Sum | Product) and lower.is_Integer and upper.is_Integer:
        size = upper - lower + 1
        if 0 <= size <= UNFOLDED_AT_MOST:
            whole = Add if isinstance(expression, Sum) else Mul
            return normal(
                whole(*(body.subs(index, lower + n) for n in range(int(size))))
            )
    body = normal(body)
    name = _index(body, lower, isinstance(expression, Integral))
    body = normal(body.xreplace({index: name}))
    if isinstance(expression, Sum):
        return _split(body, name, lower, upper, normal)
    return expression.func(body, (name, lower, upper))


def multiplied_out(expression: Expr) -> Expr:
    """Products of sums as sums of products, at the top only; no head is opened."""
    closed = {"log": False, "power_base": False, "power_exp": False, "basic": False}
    return expression.expand(deep=False, mul=True, multinomial=True, **closed)


def height(expression: Expr) -> int:
    """How many binders stand inside one another."""
    below = max((height(a) for a in expression.args), default=0)
    return below + isinstance(expression, BINDERS)


def _index(body: Expr, lower: Expr, continuous: bool) -> Symbol:
    if continuous:
        return Symbol(f"_x{height(body)}", real=True)
    if lower.is_positive:
        return Symbol(f"_i{height(body)}", integer=True, positive=True)
    return Symbol(f"_i{height(body)}", integer=True)


def _split(
    body: Expr, index: Symbol, lower: Expr, upper: Expr, normal: Normaliser
) -> Expr:
    if not finite(lower, upper):
        return Sum(body, (index, lower, upper))
    numerator, denominator = fraction(body)
    total = []
    for term in Add.make_args(multiplied_out(numerator)):
        constant, varying = _apart(term / denominator, index)
        if varying == 1 and counts(lower, upper):
            total.append(constant * (upper - lower + 1))
        else:
            total.append(constant * Sum(varying, (index, lower, upper)))
    return Add(*total) if len(total) == 1 else _added(total, normal)


def _added(total: list[Expr], normal: Normaliser) -> Expr:
    # each sum is in normal form already; only the coefficients have to be collected
    whole = Add(*total)
    held = {
        s: Symbol(f"_s{n}") for n, s in enumerate(sorted(whole.atoms(Sum), key=str))
    }
    return normal(whole.xreplace(held)).xreplace({v: s for s, v in held.items()})


def counts(lower: Expr, upper: Expr) -> bool:
    """Whether a sum of ones from `lower` to `upper` is upper - lower + 1."""
    if not finite(lower, upper):
        return False
    size = upper - lower + 1
    return bool(size.is_nonnegative) or (lower == 1 and upper.is_Symbol)


def finite(*limits: Expr) -> bool:
    """Whether a sum between the limits has finitely many terms; else it is not split."""
    return not any(limit.has(S.Infinity, S.NegativeInfinity) for limit in limits)


def _apart(term: Expr, variable: Symbol | IndexedBase) -> tuple[Expr, Expr]:
    """The factors that are free of `variable`, and the others."""
    constant, varying = S.One, S.One
    for factor in Mul.make_args(term):
        if depends(factor, variable):
            varying *= factor
        else:
            constant *= factor
    return constant, varying


def _expectation(expression: E, normal: Normaliser) -> Expr:
    law = expression.law
    body = normal(expression.body)
    drawn = law.variable
    assumed = (
        {"real": True} if isinstance(law, Normal | Uniform) else drawn.assumptions0
    )
    name: Symbol | IndexedBase = Symbol(f"_z{height(body)}", **assumed)
    if isinstance(drawn, IndexedBase):
        name = IndexedBase(name, **{k: v for k, v in assumed.items() if v is not None})
    body = normal(body.xreplace({drawn: name}))
    named = law.renamed(name)
    named = named.func(
        *(normal(a) if isinstance(a, Expr) and a != name else a for a in named.args)
    )
    constant, varying = _scale(body, name)
    return constant * E(varying, named)


def _scale(body: Expr, drawn: Symbol | IndexedBase) -> tuple[Expr, Expr]:
    """`body` as a constant times a varying part, which all of its terms may share."""
    numerator, denominator = fraction(body)
    parts = [
        _apart(t / denominator, drawn) for t in Add.make_args(multiplied_out(numerator))
    ]
    if len({varying for _, varying in parts}) == 1:
        return Add(*(constant for constant, _ in parts)), parts[0][1]
    return _apart(body, drawn)


def merged(expression: Expr, normal: Normaliser) -> Expr:
    """`expression` with one `Sum` per range and one `E` per law, where it is linear."""
    for kind in (E, Sum):
        expression = _merged(normal(expression), kind, normal)
    return expression


def _merged(expression: Expr, kind: type, normal: Normaliser) -> Expr:
    numerator, denominator = fraction(expression)
    rest: list[Expr] = []
    bodies: dict[tuple, list[Expr]] = {}
    for term in Add.make_args(multiplied_out(numerator)):
        binders = [f for f in Mul.make_args(term) if isinstance(f, kind)]
        if len(binders) != 1 or denominator.atoms(kind) or not _mergeable(binders[0]):
            rest.append(term / denominator)
            continue
        (binder,) = binders
        place, body = _taken_apart(binder)
        bodies.setdefault(place, []).append(term / denominator / binder * body)
    whole = [
        _put_together(place, Add(*body), kind, normal) for place, body in bodies.items()
    ]
    return normal(Add(*rest, *whole))


def _mergeable(binder: Expr) -> bool:
    return isinstance(binder, E) or (
        len(binder.limits) == 1
        and len(binder.limits[0]) == 3
        and finite(*binder.limits[0][1:])
    )


_COMMON = Symbol("_common", integer=True, positive=True)


def _taken_apart(binder: Expr) -> tuple[tuple, Expr]:
    """Where a binder ranges, and its body over the variable of all that range there."""
    if isinstance(binder, E):
        drawn = binder.law.variable
        base = isinstance(drawn, IndexedBase)
        shared = Symbol("_drawn", real=True)
        common = IndexedBase(shared, real=True) if base else shared
        return (binder.law.renamed(common),), binder.body.xreplace({drawn: common})
    ((index, lower, upper),) = binder.limits
    return (lower, upper), binder.function.xreplace({index: _COMMON})


def _put_together(place: tuple, body: Expr, kind: type, normal: Normaliser) -> Expr:
    body = normal(body)
    if kind is E:
        (law,) = place
        return E(body, law) if body != 0 else S.Zero
    return Sum(body, (_COMMON, *place)) if body != 0 else S.Zero


def indexed_by(expression: Expr, index: Symbol) -> set[IndexedBase]:
    """The bases that `index` runs over in `expression`."""
    return {a.base for a in expression.atoms(Indexed) if a.indices == (index,)}


def fresh_index(index: Symbol) -> Symbol:
    """An index of the same assumptions that no line has."""
    return Dummy(str(index), **index.assumptions0)
